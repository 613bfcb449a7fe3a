import { createServer } from 'node:https';
import { JWKS_PATH } from '../../../lib/contract/kubernetes.ts';
import { DISCOVERY_PATH } from '../../../lib/contract/sts.ts';
import { drain, listen } from '../../../lib/http/serve.ts';
import { issuerHostPath } from '../../../lib/issuer.ts';
import { createLogger } from '../../../lib/logger.ts';
import type { JwksDocument } from '../../../oidc/keys/jwks.ts';
import type { DiscoveryDocument } from '../../../oidc/publication/discovery.ts';
import { issuerApp } from '../../../oidc/serve/documents-app.ts';
import type { Authority } from '../../../testing/certificates/certificates.ts';
import { type ServerProcess, startPodrole } from '../../../testing/processes/server-process.ts';
import type { AdminClient } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import type { WebhookSite } from '../webhook/webhook-site.ts';

/**
 * Host names of e2e/cluster/hosts, each with a separate port 443, under the names that AWS and its SDKs use.
 */
export const ISSUER = 'https://oidc.example.test';
export const REGION = 'eu-west-1';
const ISSUER_ADDRESS = '127.0.0.2';
const STS_ADDRESS = '127.0.0.1';
const STS_HOST = `sts.${REGION}.amazonaws.com`;
const ACCOUNT = '111122223333';
/**
 * The issuer's URL without its scheme: the prefix of its condition keys, and the end of its provider's ARN.
 */
const ISSUER_PATH = issuerHostPath(ISSUER);

/** Value for the API server's flag: URL of the keys in its discovery document. */
export const JWKS_URI_FLAG = `--service-account-jwks-uri=${ISSUER}${JWKS_PATH}`;

interface PublishedIssuer {
  /** Paths fetched so far. */
  readonly fetched: readonly string[];
  stop(): Promise<void>;
}

/** Publishes the API server's discovery document and key set, unchanged, at the address of the issuer. */
export async function publishIssuer(
  api: Pick<AdminClient, 'request'>,
  authority: Authority,
): Promise<PublishedIssuer> {
  const discovery = (await expectSuccess(api, 'GET', DISCOVERY_PATH)).body as DiscoveryDocument;
  const jwks = (await expectSuccess(api, 'GET', JWKS_PATH)).body as JwksDocument;
  const fetched: string[] = [];
  const logger = createLogger('warn', process.stderr);
  const server = createServer(
    await authority.issue([ISSUER_PATH]),
    issuerApp(discovery, jwks, logger).callback(),
  );
  server.on('request', ({ url = '' }) => fetched.push(url));
  await listen(server, 443, ISSUER_ADDRESS);
  return { fetched, stop: () => drain(server, 0) };
}

/** Subjects that a role trusts. */
interface Trust {
  readonly role: string;
  readonly subject: string;
  readonly audience: string;
}

export function roleArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

/** Starts the shipped `podrole sts` at the address that SDKs use for STS, for an account with these roles. */
export async function startSts(
  { file, authority }: WebhookSite,
  clientIDs: readonly string[],
  trusts: readonly Trust[],
): Promise<ServerProcess> {
  const { cert, key } = await authority.issue([STS_HOST]);
  const caFile = await file('aws-ca.crt', authority.cert);
  const roles = trusts.map(({ role, subject, audience }) => ({
    arn: roleArn(role),
    trustPolicy: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER_PATH}` },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: { [`${ISSUER_PATH}:sub`]: subject, [`${ISSUER_PATH}:aud`]: audience },
          },
        },
      ],
    },
  }));
  // JSON is YAML.
  const config = JSON.stringify({ providers: [{ url: ISSUER, clientIDs, caFile }], roles });
  return startPodrole(
    [
      ...['sts', '--config', await file('sts.yaml', config), '--host', STS_ADDRESS, '--port', '443'],
      ...['--tls-cert', await file('sts.crt', cert), '--tls-key', await file('sts.key', key)],
    ],
    { from: 'bundle' },
  );
}
