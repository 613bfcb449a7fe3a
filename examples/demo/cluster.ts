import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { admit, type Pod } from '../../testing/admission/admission.ts';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { startPodrole } from '../../testing/processes/server-process.ts';
import { readStsConfig } from './documents.ts';
import { type Issuer, startIssuer } from './issuer.ts';

const REGION = 'eu-west-1';

/** The parts of a cluster and an AWS account that a pod uses: an issuer, the webhook, and STS. */
export interface Cluster {
  readonly issuer: Issuer;
  /** Creates a pod, and returns it as the webhook patched it. */
  readonly admit: (pod: Pod) => Promise<Pod>;
  /**
   * Variables that make an SDK use the local STS instead of AWS's. A pod in a real cluster does not need
   * them.
   */
  readonly stsVariables: Readonly<Record<string, string>>;
  /** Reason of the last refusal, from the log of STS: callers learn as little as from AWS. */
  readonly stsDecision: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Starts all parts on loopback, with certificates of an authority that is created for this run. */
export async function startCluster(folder: string): Promise<Cluster> {
  const authority = await createAuthority('podrole demo');
  const { cert, key } = await authority.issue(['localhost', '127.0.0.1']);
  const file = async (name: string, content: string) => {
    const path = join(folder, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };
  const caFile = await file('ca.crt', authority.cert);
  const tls = ['--tls-cert', await file('tls.crt', cert), '--tls-key', await file('tls.key', key)];

  const config = readStsConfig();
  const issuer = await startIssuer(config.providers[0]?.url ?? '', authority);
  const providers = config.providers.map((provider) => ({
    ...provider,
    caFile,
    connectTo: `127.0.0.1:${issuer.port}`,
  }));
  const stsConfig = await file('sts.yaml', stringify({ ...config, providers }));
  const serviceAccounts = fileURLToPath(new URL('../serviceaccounts.yaml', import.meta.url));
  const tokens = join(folder, 'serviceaccount');
  const [sts, webhook] = await Promise.all([
    startPodrole(['sts', '--config', stsConfig, '--port', '0', ...tls]),
    startPodrole([
      ...['webhook', '--service-accounts', serviceAccounts, '--port', '0', '--metrics-port', '0', ...tls],
      ...['--aws-region', REGION, '--token-mount-path', tokens],
    ]),
  ]);
  return {
    issuer,
    admit: (pod) => admit(pod, Number(webhook.listening['port']), authority.cert),
    stsVariables: {
      AWS_ENDPOINT_URL_STS: `https://localhost:${sts.listening['port']}`,
      NODE_EXTRA_CA_CERTS: caFile,
    },
    stsDecision: async () => String((await sts.line(({ detail }) => detail !== undefined))['detail']),
    stop: async () => {
      await Promise.all([sts.stop(), webhook.stop(), issuer.stop()]);
    },
  };
}
