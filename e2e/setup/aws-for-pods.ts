import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { issuerHostPath } from '../../lib/issuer.ts';
import { createAuthority } from '../../testing/certificates.ts';
import { startPodrole } from '../../testing/server-process.ts';
import { awsEnvironment, clientOptions } from '../aws/aws-server.ts';
import { GATEWAY_PORT } from '../aws/ceph-config.ts';
import { startRadosgw } from '../aws/radosgw.ts';
import type { ControlPlane } from '../cluster/control-plane.ts';
import { runPodrole } from './run-podrole.ts';

/** A host of e2e/cluster/hosts. */
export const ISSUER = 'https://oidc.example.test';
const PROVIDER = issuerHostPath(ISSUER);
const AUDIENCE = 'sts.amazonaws.com';
const STS_PORT = 8_100;
const STS_ACCOUNT = '111122223333';
const BUCKET = 'shop-files';
const OBJECT = 'a.txt';

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
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-aws-for-pods-'));
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  const file = async (name: string, content: string) => {
    await writeFile(path.join(folder, name), content, { mode: 0o600 });
    return path.join(folder, name);
  };
  try {
    const authority = await createAuthority('issuers');
    const { cert, key } = await authority.issue([PROVIDER]);
    const radosgw = await startRadosgw(authority.cert);
    stops.push(() => radosgw.stop());
    const caFile = await file('ca.crt', authority.cert);
    const env = { ...awsEnvironment(radosgw), KUBECONFIG: cluster.kubeconfig, NODE_EXTRA_CA_CERTS: caFile };
    const run = async (args: readonly string[]) => {
      const { code, stdout, stderr } = await runPodrole(args, env);
      if (code !== 0) throw new Error(`podrole ${args.slice(0, 2).join(' ')}: ${stdout}${stderr}`);
    };
    const publisher = await startPodrole(
      [
        ...['publish', '--serve', '--x5c', '--issuer', ISSUER, '--host', '127.0.0.2', '--port', '443'],
        ...['--tls-cert', await file('tls.crt', cert), '--tls-key', await file('tls.key', key)],
      ],
      { from: 'bundle', env },
    );
    stops.push(() => publisher.stop('SIGKILL'));
    await run(['provider', 'ensure', '--account-id', radosgw.account, '--approve']);

    const s3 = new S3Client(clientOptions(radosgw));
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: OBJECT, Body: 'kept from everybody else\n' }));
    const policyFile = await file('policy.json', JSON.stringify(READ_BUCKET));

    // It takes no file without a role.
    if (subjects.length > 0) {
      const config = await file('sts.yaml', stsConfig(caFile, subjects));
      const listening = ['--host', '0.0.0.0', `--port=${STS_PORT}`];
      const sts = await startPodrole(['sts', '--config', config, ...listening], { from: 'bundle' });
      stops.push(() => sts.stop('SIGKILL'));
    }

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
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

const READ_BUCKET = policy({
  Action: ['s3:GetObject', 's3:ListBucket'],
  Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
});

function stsConfig(caFile: string, subjects: readonly Subject[]): string {
  const roles = subjects.map((subject) => ({
    arn: stsRoleArn(subject),
    trustPolicy: policy({
      Principal: { Federated: `arn:aws:iam::${STS_ACCOUNT}:oidc-provider/${PROVIDER}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          [`${PROVIDER}:sub`]: `system:serviceaccount:${subject.namespace}:${subject.serviceAccount}`,
          [`${PROVIDER}:aud`]: audienceOf(subject),
        },
      },
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

/** A policy with one statement. */
function policy(statement: object): object {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] };
}
