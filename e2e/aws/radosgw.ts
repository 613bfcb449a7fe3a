import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { waitFor } from '../../testing/wait-for.ts';
import { logFolder } from '../cluster/log-tails.ts';
import { type RunningProcess, startProcess } from '../cluster/processes.ts';
import type { AwsCredentials, AwsServer } from './aws-server.ts';
import { cephConfig, cephFiles, GATEWAY_PORT, monitorMapArguments } from './ceph-config.ts';
import { runProgram } from './run-program.ts';

const URL = `http://127.0.0.1:${GATEWAY_PORT}`;
/** The tenant is an account id, so that ARNs of its roles look as on AWS. */
const ACCOUNT = '123456789012';

/** Ceph's S3 gateway. Each tenant has its own users, buckets, providers and roles. */
export interface Radosgw extends AwsServer {
  /**
   * Creates the administrator of a further tenant.
   * @param name empty for the default tenant, which users have who know nothing of tenants
   */
  tenant(name: string): Promise<AwsServer>;
}
const START_TIMEOUT_MS = 60_000;
/** Authorities of Debian's libcurl, which fetches issuers' documents. */
const MACHINE_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
/** In a separate mount namespace, so that the authorities of other programs stay unchanged. */
const WITH_AUTHORITIES = `mount --bind "$1" ${MACHINE_AUTHORITIES}; shift; exec "$@"`;

/**
 * Starts Ceph's S3 gateway, which verifies tokens, trust policies and session policies as AWS does. It is
 * ready when this resolves.
 * @param authorities PEM; the only authorities that it trusts for an issuer's certificate
 * @throws PodroleError when a part of it does not become ready
 */
export async function startRadosgw(authorities: string): Promise<Radosgw> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-radosgw-'));
  const running: RunningProcess[] = [];
  const start = (name: string, program: string, args: readonly string[]): RunningProcess => {
    const started = startProcess({ name, program, args, logs: logFolder() });
    running.unshift(started);
    return started;
  };
  const stop = async (): Promise<void> => {
    // Their data is thrown away, and an orderly end takes seconds.
    await Promise.all(running.map((each) => each.stop(0)));
    await rm(folder, { recursive: true, force: true });
  };

  try {
    const files = cephFiles(folder);
    const { config } = files;
    const [clusterId, storageId] = [randomUUID(), randomUUID()];
    await Promise.all([files.monitor, files.storage, files.gateway, files.run].map((each) => mkdir(each)));
    await writeFile(config, cephConfig(files, clusterId));
    const authoritiesFile = path.join(folder, 'authorities.pem');
    await writeFile(authoritiesFile, authorities);

    await runProgram('monmaptool', monitorMapArguments(files, clusterId));
    await runProgram('ceph-mon', ['-c', config, '--mkfs', '-i', 'a', '--monmap', files.monitorMap]);
    start('ceph-mon', 'ceph-mon', ['-c', config, '-f', '-i', 'a']);
    // It waits for the monitor itself.
    await runProgram('ceph', ['-c', config, 'osd', 'new', storageId, '0']);
    await runProgram('ceph-osd', ['-c', config, '-i', '0', '--mkfs', '--osd-uuid', storageId]);
    start('ceph-osd', 'ceph-osd', ['-c', config, '-f', '-i', '0']);
    const gateway = start('radosgw', 'unshare', [
      ...['--mount', 'bash', '--norc', '-euc', WITH_AUTHORITIES, 'with-authorities', authoritiesFile],
      ...['radosgw', '-c', config, '-n', 'client.rgw', '--no-mon-config', '-f'],
    ]);
    const answers = async () => (await fetch(URL)).ok;
    await waitFor(answers, 'radosgw ready', START_TIMEOUT_MS, gateway.ended);
    const tenant = async (account: string): Promise<AwsServer> => ({
      url: URL,
      account,
      credentials: await createAdmin(config, account),
      stop,
    });
    return { ...(await tenant(ACCOUNT)), tenant };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function createAdmin(config: string, tenant: string): Promise<AwsCredentials> {
  const credentials = { accessKeyId: `ak${tenant}`, secretAccessKey: `sk${tenant}` };
  await runProgram('radosgw-admin', [
    ...['-c', config, 'user', 'create', ...(tenant ? [`--tenant=${tenant}`] : [])],
    ...['--uid=admin', '--display-name=admin', '--caps=oidc-provider=*;roles=*;user-policy=*'],
    ...[`--access-key=${credentials.accessKeyId}`, `--secret=${credentials.secretAccessKey}`],
  ]);
  return credentials;
}
