import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { waitFor } from '../../testing/wait-for.ts';
import { findBinary } from '../cluster/find-binary.ts';
import { logFolder } from '../cluster/log-tails.ts';
import { startProcess } from '../cluster/processes.ts';
import type { AwsServer } from './aws-server.ts';

const ADDRESS = '127.0.0.1:9000';
const URL = `http://${ADDRESS}`;
const ADMIN = { accessKeyId: 'admin', secretAccessKey: 'admin-password' } as const;
const START_TIMEOUT_MS = 60_000;
/** MinIO prints the only ARN that it accepts; its last part is a hash of the settings. */
const ROLE_ARN = /IAM Roles: (arn:minio:\S+)/;

/**
 * MinIO verifies tokens, and gives their sessions the policies of its one role. It has no IAM.
 */
export interface Minio extends AwsServer {
  /** Undefined while it trusts no issuer. */
  readonly roleArn: string | undefined;
}

interface TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** Name of a policy of MinIO, such as `readonly`. */
  readonly policy: string;
}

/**
 * Starts MinIO, with a role for the tokens of an issuer if one is given, which must be reachable by now.
 * @param authorities folder with the PEM files of the CAs that it trusts
 * @throws SetupError `E2E_OUTSIDE` outside e2e/run; an error if it does not become ready
 */
export async function startMinio(authorities: string, trusted?: TrustedIssuer): Promise<Minio> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-minio-'));
  const minio = findBinary('minio', process.env['PODROLE_E2E_BINARIES']);
  const settings = {
    SSL_CERT_DIR: authorities,
    MINIO_ROOT_USER: ADMIN.accessKeyId,
    MINIO_ROOT_PASSWORD: ADMIN.secretAccessKey,
    ...(trusted && {
      MINIO_IDENTITY_OPENID_CONFIG_URL: `${trusted.issuer}/.well-known/openid-configuration`,
      MINIO_IDENTITY_OPENID_CLIENT_ID: trusted.audience,
      MINIO_IDENTITY_OPENID_ROLE_POLICY: trusted.policy,
    }),
    MINIO_UPDATE: 'off',
    MINIO_CALLHOME_ENABLE: 'off',
  };
  const server = startProcess({
    name: 'minio',
    program: 'env',
    args: [
      ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
      ...[minio, 'server', folder, '--address', ADDRESS, '--console-address', '127.0.0.1:9001'],
    ],
    logs: logFolder(),
  });
  const stop = async () => {
    await server.stop(0);
    await rm(folder, { recursive: true, force: true });
  };
  const log = path.join(logFolder(), 'minio.log');
  const roleArn = async () => ROLE_ARN.exec(await readFile(log, 'utf8'))?.[1];
  try {
    const isReady = async () =>
      (await fetch(`${URL}/minio/health/ready`)).ok && (!trusted || (await roleArn()) !== undefined);
    await waitFor(isReady, 'minio ready', START_TIMEOUT_MS, server.ended);
    return { url: URL, account: '', credentials: ADMIN, roleArn: await roleArn(), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
