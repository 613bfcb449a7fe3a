import path from 'node:path';
import { awsEnvironment } from '../../aws/aws-server.ts';
import { GATEWAY_PORT } from '../../aws/ceph-config.ts';
import { createNamespace } from '../../cluster/api-objects.ts';
import type { CommandResult } from '../../cluster/run-command.ts';
import { type NodeCluster, startNodeCluster } from '../../node/node-cluster.ts';
import { ISSUER } from '../aws/publisher.ts';
import { BUCKET, startTrustingRadosgw } from '../aws/trusting-radosgw.ts';
import { installPodrole } from '../install/install-podrole.ts';
import { copyCheckout, runCommands } from '../install/page-commands.ts';
import { createServiceAccount } from '../pods/pods.ts';
import { startSite, type TemporarySite } from '../temporary-site.ts';
import { installKube2iam, KUBE2IAM } from './kube2iam.ts';
import { createProxyRoles, type ProxyRoles } from './proxy-roles.ts';

const REGION = 'us-east-1';

interface MigrationSite extends TemporarySite {
  readonly cluster: NodeCluster;
  readonly roles: ProxyRoles;
  /** Prefix of the ARNs of the roles. */
  readonly baseRoleArn: string;
  /** Not started yet; undefined if this run has no program. */
  readonly proxy: Awaited<ReturnType<typeof installKube2iam>> | undefined;
  /** Variables that lead the pods' SDKs to the servers. */
  readonly podEnvironment: Readonly<Record<string, string>>;
  /** Working folder of the page's commands. */
  readonly checkout: string;
  /** Runs commands of a page, as the administrator of the cluster and of IAM. @throws when one fails */
  follow(commands: readonly string[]): Promise<string>;
}

/**
 * Starts a cluster with a node, a radosgw that trusts the cluster, and podrole's webhook, which reads the
 * annotations of kube2iam. Each namespace has a ServiceAccount `web`.
 */
export function startMigrationSite(
  namespaces: readonly string[],
  roleNames: readonly string[],
): Promise<MigrationSite> {
  return startSite(async (site) => {
    const cluster = await startNodeCluster({ issuer: ISSUER, images: imageArchives() });
    site.onStop(() => cluster.stop());
    const { radosgw, caFile, stop } = await startTrustingRadosgw(cluster);
    site.onStop(stop);
    const roles = await createProxyRoles(radosgw, roleNames);
    const baseRoleArn = `arn:aws:iam::${radosgw.account}:role/`;
    const settings = {
      PODROLE_AWS_REGION: REGION,
      PODROLE_POD_ROLE_ANNOTATION: 'iam.amazonaws.com/role',
      PODROLE_BASE_ROLE_ARN: baseRoleArn,
    };
    await installPodrole(cluster, settings, { components: ['role-rules'] });
    for (const namespace of namespaces) {
      await createNamespace(cluster, namespace);
      await createServiceAccount(cluster, namespace, 'web');
    }
    const credentials = roles.proxy;
    const proxy = KUBE2IAM
      ? await installKube2iam(cluster, { program: KUBE2IAM, credentials, baseRoleArn, stsUrl: radosgw.url })
      : undefined;
    site.onStop(async () => proxy?.stop());
    const checkout = await copyCheckout();
    site.onStop(checkout.remove);
    const gateway = `http://${cluster.address}:${GATEWAY_PORT}`;
    const environment = {
      ...awsEnvironment(radosgw),
      NODE_EXTRA_CA_CERTS: caFile,
      PODROLE_ACCOUNT_ID: radosgw.account,
      // radosgw refuses every token for a role with tags.
      PODROLE_OWNERSHIP_TAGS: 'false',
    };
    return {
      cluster,
      roles,
      baseRoleArn,
      proxy,
      podEnvironment: {
        AWS_REGION: REGION,
        AWS_ENDPOINT_URL_STS: gateway,
        AWS_ENDPOINT_URL_S3: gateway,
        S3_ENDPOINT: gateway,
        S3_BUCKET: BUCKET,
      },
      checkout: checkout.folder,
      follow: async (commands) => {
        const { kubeconfig } = cluster;
        return expectOutput(await runCommands(commands, { ...checkout, kubeconfig }, environment));
      },
    };
  });
}

function imageArchives(): readonly string[] {
  const folder = process.env['PODROLE_E2E_IMAGES'] ?? '';
  return ['pause', 'podrole', 'sdk', 'boto2'].map((name) => path.join(folder, `${name}.tar`));
}

function expectOutput({ code, stdout, stderr }: CommandResult): string {
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
  return stdout;
}
