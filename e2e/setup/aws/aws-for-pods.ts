import { startPodrole } from '../../../testing/processes/server-process.ts';
import { GATEWAY_PORT } from '../../aws/ceph-config.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import {
  AUDIENCE,
  BUCKET,
  ISSUER,
  OBJECT,
  READ_BUCKET,
  startTrustingRadosgw,
  trustPolicy,
} from './trusting-radosgw.ts';

const STS_PORT = 8_100;
const STS_ACCOUNT = '111122223333';

/**
 * An AWS that pods reach: radosgw, which verifies tokens and allows a role its bucket, and an STS that says who somebody is, since
 * radosgw has no GetCallerIdentity. Both know the cluster as the issuer that podrole publishes.
 */
export interface AwsForPods {
  /** S3 and STS of radosgw, as pods reach them. */
  readonly gatewayUrl: string;
  /** The shipped `podrole sts`, as pods reach it. */
  readonly stsUrl: string;
  readonly bucket: string;
  /** The only object of the bucket. */
  readonly object: string;
  /** Makes a role in radosgw by `podrole bind`, which may list and read the bucket; the ServiceAccount is made and annotated. @returns the role's ARN */
  bind(namespace: string, serviceAccount: string): Promise<string>;
  /** ARN of the one role that the STS lets this subject take; named at the start. */
  stsRole(subject: Subject): string;
  stop(): Promise<void>;
}

export interface Subject {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Of podrole.dev/container-roles: the role takes the token of this container alone. */
  readonly container?: string;
}

/**
 * @param cluster its issuer is ISSUER
 * @param address of this machine, as pods reach it
 * @param subjects ServiceAccounts that the STS has a role for; without any there is no STS but radosgw's
 */
export async function startAwsForPods(
  cluster: Pick<ControlPlane, 'kubeconfig'>,
  address: string,
  subjects: readonly Subject[],
): Promise<AwsForPods> {
  const { radosgw, caFile, file, run, stop } = await startTrustingRadosgw(cluster);
  try {
    const policyFile = await file('policy.json', JSON.stringify(READ_BUCKET));
    // It takes no file without a role.
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
          // radosgw lets no token into a role that has tags.
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
