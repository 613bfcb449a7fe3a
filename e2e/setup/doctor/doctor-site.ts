import type { IAMClient } from '@aws-sdk/client-iam';
import { issuerHostPath } from '../../../lib/issuer.ts';
import { type Authority, createAuthority } from '../../../testing/certificates/certificates.ts';
import { type ForwardProxy, startForwardProxy } from '../../../testing/proxies/forward-proxy.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace, expectSuccess } from '../../cluster/api-objects.ts';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { expectKubectl } from '../install/install-podrole.ts';
import { runPodrole } from '../run-podrole.ts';
import { startSite, type TemporarySite } from '../temporary-site.ts';
import { deployment, NAMESPACE } from './deployment.ts';
import { type InstalledWebhook, runInstalledWebhook } from './installed-webhook.ts';
import { type KubeletStandIn, startKubeletStandIn } from './kubelet-stand-in.ts';
import { createRemedyShell, type RemedyShell } from './remedy-shell.ts';
import { type AwsSide, startMotoSide } from './servers/aws-side.ts';
import { LOCAL_STS_PORT } from './servers/mirrored-sts.ts';
import { type IssuerDocuments, type ScriptedIssuer, startScriptedIssuer } from './servers/scripted-issuer.ts';
import { type StsFront, startStsFront } from './servers/sts-front.ts';

/** Names of e2e/cluster/hosts. */
export const ISSUER = 'https://oidc.example.test';
export const ISSUER_HOST = issuerHostPath(ISSUER);
const ISSUER_ADDRESS = '127.0.0.2';
const STS_HOSTS = ['sts.us-east-1.amazonaws.com', 'sts.amazonaws.com', 'sts.eu-west-1.amazonaws.com'];
const REGION = 'us-east-1';
export const ROLE_NAME = 'shop-web';

/** A cluster whose pods get their role, with everything that a world may break. */
export interface DoctorSite extends TemporarySite {
  readonly cluster: ControlPlane;
  readonly issuer: ScriptedIssuer;
  /** Documents of the API server, which the issuer publishes. */
  readonly documents: IssuerDocuments;
  /** Returns what the issuer has to publish now. */
  documentsNow(): Promise<IssuerDocuments>;
  readonly authority: Authority;
  readonly iam: IAMClient;
  readonly account: string;
  readonly sts: AwsSide['sts'];
  readonly stsFront: StsFront;
  /** Leads where a world says; nobody uses it otherwise. */
  readonly proxy: ForwardProxy;
  readonly webhook: InstalledWebhook;
  readonly kubelet: KubeletStandIn;
  readonly shell: RemedyShell;
  /** Environment of the operator; a world may add to it. */
  readonly env: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly providerArn: string;
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Runs the shipped podrole, which must succeed. */
  podrole(args: readonly string[]): Promise<string>;
  /** Binds the ServiceAccount, with the policies that its role has in a healthy site. */
  bind(): Promise<unknown>;
  /** Resolves when every Deployment has its pods, and the webhook follows them. */
  settle(): Promise<void>;
}

/**
 * @param startAws default: moto with the shipped `podrole sts`
 * @param webhookFlags further flags of `podrole up`
 */
export function startDoctorSite(
  startAws: typeof startMotoSide = startMotoSide,
  webhookFlags: (account: string) => readonly string[] = () => [],
): Promise<DoctorSite> {
  return startSite(async (site) => {
    const { file, onStop } = site;
    const authority = await createAuthority('corporate');
    const caFile = await file('ca.crt', authority.cert);
    const [cluster, aws] = await Promise.all([
      startControlPlane({ issuer: ISSUER }),
      startAws({ site, authority, caFile }),
    ]);
    onStop(() => cluster.stop());
    const issuer = await startScriptedIssuer(ISSUER_HOST, ISSUER_ADDRESS, authority);
    onStop(() => issuer.close());
    const documentsNow = () => aws.documentsOf(cluster, ISSUER);
    const documents = await documentsNow();
    issuer.publish(documents);
    const stsFront = await startStsFront(STS_HOSTS, `http://127.0.0.1:${LOCAL_STS_PORT}`, authority);
    onStop(() => stsFront.close());
    const proxy = await startForwardProxy();
    onStop(() => proxy.close());
    const env = {
      ...aws.env,
      AWS_REGION: REGION,
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: site.folder,
      KUBECONFIG: cluster.kubeconfig,
      // The issuer has a loopback address, and its certificate is not from a public authority.
      NODE_EXTRA_CA_CERTS: caFile,
      PODROLE_VERIFY_CONNECT_TO: `${ISSUER_HOST}:443`,
      PODROLE_ACCOUNT_ID: aws.account,
    };
    const podrole = async (args: readonly string[]) => {
      const { code, stdout, stderr } = await runPodrole(args, env);
      if (code !== 0) throw new Error(`podrole ${args.join(' ')}: ${stdout}${stderr}`);
      return stdout;
    };
    const bind = () => podrole(['bind', '-n', NAMESPACE, 'web', ...aws.bindFlags, '--approve']);
    const kubectl = (args: readonly string[], input?: string) =>
      expectKubectl(cluster, args, input === undefined ? {} : { input });

    await createNamespace(cluster, NAMESPACE);
    await podrole(['up', ...webhookFlags(aws.account), '--approve', '--wait=false']);
    const webhook = await runInstalledWebhook(cluster, site);
    onStop(() => webhook.stop());
    const kubelet = startKubeletStandIn(cluster, webhook);
    onStop(() => kubelet.stop());
    const settle = () => settled(cluster, kubelet);
    await settle();
    await bind();
    await kubectl(['apply', '-f', '-'], JSON.stringify(deployment()));
    await settle();
    const { account, iam, sts } = aws;
    const arn = (resource: string) => `arn:aws:iam::${account}:${resource}`;
    return {
      ...{ cluster, issuer, documents, documentsNow, authority, iam, account, sts, stsFront, proxy },
      ...{ webhook, kubelet, env, podrole, bind, kubectl, settle },
      shell: await createRemedyShell(site),
      roleArn: arn(`role/${ROLE_NAME}`),
      providerArn: arn(`oidc-provider/${ISSUER_HOST}`),
    };
  });
}

interface RolledOut {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: Readonly<Record<string, number>>;
}

async function settled(cluster: Pick<ControlPlane, 'request'>, kubelet: KubeletStandIn): Promise<void> {
  await waitFor(async () => {
    const all = await kubelet.look();
    const pods = all.filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind === 'ReplicaSet');
    // The rollout of a pod that never gets ready is never complete.
    const counted = pods.some(kubelet.isHeld) ? UPDATED : COMPLETE;
    const { body } = await expectSuccess(cluster, 'GET', '/apis/apps/v1/deployments');
    const { items } = body as { items: RolledOut[] };
    const wanted = items.reduce((sum, { spec }) => sum + spec.replicas, 0);
    return items.every((each) => has(each, counted)) && pods.length >= wanted;
  }, 'every Deployment rolled out');
  await kubelet.look();
}

const UPDATED = ['updatedReplicas'];
const COMPLETE = [...UPDATED, 'replicas', 'readyReplicas'];

function has({ metadata, spec, status }: RolledOut, counts: readonly string[]): boolean {
  return (
    status['observedGeneration'] === metadata.generation &&
    counts.every((name) => (status[name] ?? 0) === spec.replicas)
  );
}
