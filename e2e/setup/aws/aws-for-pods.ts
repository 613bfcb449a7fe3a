import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { startPodrole } from '../../../testing/processes/server-process.ts';
import { GATEWAY_PORT } from '../../aws/ceph-config.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { startSite } from '../temporary-site.ts';
import { ISSUER, PROVIDER, startPublisher } from './publisher.ts';
import {
  AUDIENCE,
  BUCKET,
  OBJECT,
  READ_BUCKET,
  startTrustingRadosgw,
  trustPolicy,
} from './trusting-radosgw.ts';

const STS_PORT = 8_100;
const STS_ACCOUNT = '111122223333';

/**
 * An AWS that pods can reach: radosgw, which verifies tokens and lets a role read its bucket, and an STS with
 * GetCallerIdentity, which radosgw lacks. Both trust the cluster through the issuer that podrole publishes.
 */
export interface AwsForPods {
  /** Address of radosgw's S3 and STS for pods. */
  readonly gatewayUrl: string;
  /** Address of the shipped `podrole sts` for pods. */
  readonly stsUrl: string;
  readonly bucket: string;
  /** The only object of the bucket. */
  readonly object: string;
  /**
   * Runs `podrole bind`: it creates a role in radosgw that may list and read the bucket, and an annotated
   * ServiceAccount.
   * @returns the role's ARN
   */
  bind(namespace: string, serviceAccount: string): Promise<string>;
  /**
   * Returns the ARN of the only role that the STS lets this subject assume; the role was named at the start.
   */
  stsRole(subject: Subject): string;
  stop(): Promise<void>;
}

export interface Subject {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Container of podrole.dev/container-roles: the role accepts only the token of this container. */
  readonly container?: string;
}

/**
 * @param cluster its issuer is ISSUER
 * @param address address of this machine for pods
 * @param subjects ServiceAccounts that the STS has a role for; if empty, only radosgw's STS runs
 */
export async function startAwsForPods(
  cluster: Pick<ControlPlane, 'kubeconfig'>,
  address: string,
  subjects: readonly Subject[],
): Promise<AwsForPods> {
  const { radosgw, caFile, file, run, stop } = await startTrustingRadosgw(cluster);
  try {
    const policyFile = await file('policy.json', JSON.stringify(READ_BUCKET));
    // `podrole sts` refuses a file without a role.
    const sts =
      subjects.length > 0 ? await startSts(await file('sts.yaml', stsConfig(caFile, subjects))) : undefined;
    return {
      gatewayUrl: `http://${address}:${GATEWAY_PORT}`,
      stsUrl: `http://${address}:${STS_PORT}`,
      bucket: BUCKET,
      object: OBJECT,
      async bind(namespace, serviceAccount) {
        const role = `${namespace}-${serviceAccount}`;
        await run([
          ...['bind', '-n', namespace, serviceAccount, '--role-name', role, '--policy-file', policyFile],
          // radosgw refuses every token for a role with tags.
          ...['--ownership-tags=false', '--account-id', radosgw.account, '--approve'],
        ]);
        return `arn:aws:iam::${radosgw.account}:role/${role}`;
      },
      stsRole: stsRoleArn,
      async stop() {
        await sts?.stop('SIGKILL');
        await stop();
      },
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/**
 * Starts only the STS of the above, for pods.
 * @returns its URL for pods, and the ARN of the only role that it lets a subject assume
 */
export function startStsForPods(
  cluster: Pick<ControlPlane, 'kubeconfig'>,
  address: string,
  subjects: readonly Subject[],
) {
  return startSite(async ({ file, onStop }) => {
    const authority = await createAuthority('issuers');
    await startPublisher({ file, onStop }, cluster, await authority.issue([PROVIDER]));
    const caFile = await file('ca.crt', authority.cert);
    const sts = await startSts(await file('sts.yaml', stsConfig(caFile, subjects)));
    onStop(() => sts.stop('SIGKILL'));
    return { stsUrl: `http://${address}:${STS_PORT}`, stsRole: stsRoleArn };
  });
}

function startSts(config: string) {
  const listening = ['--host', '0.0.0.0', `--port=${STS_PORT}`];
  return startPodrole(['sts', '--config', config, ...listening], { from: 'bundle' });
}

function stsConfig(caFile: string, subjects: readonly Subject[]): string {
  const roles = subjects.map((subject) => ({
    arn: stsRoleArn(subject),
    trustPolicy: trustPolicy(STS_ACCOUNT, {
      subject: `system:serviceaccount:${subject.namespace}:${subject.serviceAccount}`,
      audience: audienceOf(subject),
    }),
  }));
  // JSON is YAML.
  const clientIDs = [...new Set([AUDIENCE, ...subjects.map(audienceOf)])];
  return JSON.stringify({ providers: [{ url: ISSUER, clientIDs, caFile }], roles });
}

function audienceOf({ container }: Subject): string {
  return container === undefined ? AUDIENCE : `${AUDIENCE}/${container}`;
}

function stsRoleArn({ namespace, serviceAccount, container }: Subject): string {
  const name = [namespace, serviceAccount, ...(container === undefined ? [] : [container])].join('-');
  return `arn:aws:iam::${STS_ACCOUNT}:role/${name}`;
}
