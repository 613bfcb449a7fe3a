import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { awsEnvironment } from '../../aws/aws-server.ts';
import { startMoto } from '../../aws/moto.ts';
import { startRadosgw } from '../../aws/radosgw.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import type { CommandResult } from '../../cluster/run-command.ts';
import { startBucketFront } from '../aws/bucket-front.ts';
import { runPodrole } from '../run-podrole.ts';
import { runCommands } from './page-commands.ts';

/** Bucket of the keys, and the issuer that its URL makes. e2e/cluster/hosts has its name. */
export const KEYS_BUCKET = 'podrole-keys';
const ISSUER_HOST = `${KEYS_BUCKET}.s3.us-east-1.amazonaws.com`;
export const KEYS_ISSUER = `https://${ISSUER_HOST}`;

/** The AWS of an operator: S3 from radosgw, IAM from moto, and the bucket at the URL of the issuer. */
export interface SelfHostedSite {
  /** Runs podrole with the operator's kubeconfig and credentials. */
  readonly podrole: (
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<CommandResult>;
  /** Runs the commands of a page in one shell, with the same. */
  readonly shell: (
    commands: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<CommandResult>;
  /** URL of the bucket, for anonymous requests. */
  readonly published: string;
  stop(): Promise<void>;
}

export async function startSelfHostedSite({
  kubeconfig,
}: Pick<ControlPlane, 'kubeconfig'>): Promise<SelfHostedSite> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-self-hosted-'));
  const authority = await createAuthority('public authority');
  const authorityFile = path.join(folder, 'public-ca.crt');
  await writeFile(authorityFile, authority.cert);
  const [radosgw, moto] = await Promise.all([startRadosgw(authority.cert), startMoto()]);
  // Anonymous requests to radosgw must name the tenant of the bucket.
  const published = `${radosgw.url}/${radosgw.account}:${KEYS_BUCKET}`;
  const front = await startBucketFront(published, ISSUER_HOST, authority);
  const environment = {
    ...awsEnvironment(moto),
    HOME: folder,
    KUBECONFIG: kubeconfig,
    AWS_ENDPOINT_URL_S3: radosgw.url,
    AWS_ACCESS_KEY_ID: radosgw.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: radosgw.credentials.secretAccessKey,
    // The front of the bucket has a loopback address, and its certificate is not from a public authority.
    NODE_EXTRA_CA_CERTS: authorityFile,
    PODROLE_VERIFY_CONNECT_TO: `${ISSUER_HOST}:443`,
  };
  return {
    podrole: (args, env = {}) => runPodrole(args, { ...environment, ...env }),
    shell: (commands, env = {}) => runCommands(commands, { folder, kubeconfig }, { ...environment, ...env }),
    published,
    stop: async () => {
      await front.stop();
      await Promise.all([radosgw.stop(), moto.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
