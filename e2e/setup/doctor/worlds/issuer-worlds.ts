import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { JWKS_PATH } from '../../../../lib/contract/kubernetes.ts';
import { DISCOVERY_PATH } from '../../../../lib/contract/sts.ts';
import { type DoctorSite, ISSUER, ISSUER_HOST } from '../doctor-site.ts';
import { replaceProvider } from '../provider.ts';
import type { World } from '../world.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const DAY_MS = 24 * 3_600 * 1_000;
/** STS gives up after five seconds. */
const TOO_SLOW_MS = 5_500;

/** Publishes the documents as the API server has them, and nothing else. */
async function publish({ issuer, documents }: DoctorSite): Promise<void> {
  issuer.publish(documents);
}

/** A world in which the issuer's URL answers otherwise at one path. */
function answering(
  parts: Pick<World, 'name' | 'link' | 'code'>,
  answer: Parameters<DoctorSite['issuer']['answers']['set']>[1],
  path = DISCOVERY_PATH,
): World {
  return { ...parts, breakIt: async ({ issuer }) => issuer.answers.set(path, answer), remedy: publish };
}

/** A world in which the discovery document has other members. */
function discovering(parts: Pick<World, 'name' | 'link' | 'code'>, members: object): World {
  return {
    ...parts,
    breakIt: async ({ issuer, documents }) =>
      issuer.publish({ ...documents, discovery: { ...documents.discovery, ...members } }),
    remedy: publish,
  };
}

/** A world in which other keys are published. */
function publishingKeys(
  parts: Pick<World, 'name' | 'link' | 'code'>,
  change: (site: DoctorSite) => Promise<readonly Readonly<Record<string, unknown>>[]>,
): World {
  return {
    ...parts,
    breakIt: async (site) => site.issuer.publish({ ...site.documents, jwks: { keys: await change(site) } }),
    remedy: publish,
  };
}

export const issuerWorlds: readonly World[] = [
  discovering(
    {
      name: 'discovery names the issuer with a trailing slash',
      link: 'discovery',
      code: 'DISCOVERY_WRONG_ISSUER',
    },
    { issuer: `${ISSUER}/` },
  ),
  discovering(
    { name: 'discovery of another issuer', link: 'discovery', code: 'DISCOVERY_WRONG_ISSUER' },
    { issuer: 'https://other-oidc.example.test' },
  ),
  answering({ name: 'discovery 401', link: 'discovery', code: 'DISCOVERY_NOT_PUBLIC' }, { status: 401 }),
  answering({ name: 'discovery 403', link: 'discovery', code: 'DISCOVERY_NOT_PUBLIC' }, { status: 403 }),
  answering({ name: 'discovery 404', link: 'discovery', code: 'DISCOVERY_MISSING' }, { status: 404 }),
  answering({ name: 'discovery 503', link: 'discovery', code: 'DISCOVERY_STATUS' }, { status: 503 }),
  {
    name: 'discovery slow',
    link: 'discovery',
    code: 'DISCOVERY_SLOW',
    breakIt: async ({ issuer, documents }) => {
      const body = JSON.stringify(documents.discovery);
      issuer.answers.set(DISCOVERY_PATH, { status: 200, headers: JSON_TYPE, body, delayMs: TOO_SLOW_MS });
    },
    remedy: publish,
  },
  answering(
    { name: 'discovery redirects', link: 'discovery', code: 'DISCOVERY_REDIRECTS' },
    { status: 302, headers: { location: `https://other-oidc.example.test${DISCOVERY_PATH}` } },
  ),
  answering(
    { name: 'discovery is a web page', link: 'discovery', code: 'DISCOVERY_NOT_JSON' },
    { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><body>Sign in</body></html>' },
  ),
  {
    name: 'nobody listens at the issuer',
    link: 'discovery',
    code: 'DISCOVERY_UNREACHABLE',
    breakIt: ({ issuer }) => issuer.close(),
    remedy: ({ issuer }) => issuer.open(),
  },
  discovering(
    {
      name: 'jwks_uri is the private address of the API server',
      link: 'discovery',
      code: 'DISCOVERY_JWKS_URI_PRIVATE',
    },
    { jwks_uri: `https://10.96.0.1:6443${JWKS_PATH}` },
  ),
  answering({ name: 'key set 403', link: 'keys', code: 'KEYS_NOT_PUBLIC' }, { status: 403 }, JWKS_PATH),
  publishingKeys({ name: 'keys of another cluster', link: 'keys', code: 'KEY_ROTATED_AWAY' }, async () => [
    otherKey('other'),
  ]),
  publishingKeys(
    { name: 'two keys with one kid', link: 'keys', code: 'KEY_DUPLICATE_ID' },
    async ({ documents }) => [otherKey(String(documents.jwks.keys[0]?.['kid'])), ...documents.jwks.keys],
  ),
  publishingKeys({ name: 'private key published', link: 'keys', code: 'KEY_PRIVATE' }, async (site) => {
    const pem = await readFile(site.cluster.serviceAccountKey, 'utf8');
    return [{ ...site.documents.jwks.keys[0], ...createPrivateKey(pem).export({ format: 'jwk' }) }];
  }),
  {
    name: 'wrong thumbprint with a private CA',
    link: 'certificate',
    code: 'CERTIFICATE_THUMBPRINT',
    breakIt: (site) =>
      replaceProvider(site, { ThumbprintList: ['0123456789abcdef0123456789abcdef01234567'] }),
    remedy: 'commands',
  },
  {
    name: 'certificate expired',
    link: 'certificate',
    code: 'CERTIFICATE_EXPIRED',
    breakIt: async ({ authority, issuer }) => {
      const [notBeforeDate, notAfterDate] = [30, 1].map((days) => new Date(Date.now() - days * DAY_MS));
      const validity = { notBeforeDate: notBeforeDate as Date, notAfterDate: notAfterDate as Date };
      issuer.serveCertificate(await authority.issue([ISSUER_HOST], validity));
    },
    remedy: renewCertificate,
  },
  {
    name: 'certificate of another host',
    link: 'certificate',
    code: 'CERTIFICATE_WRONG_NAME',
    breakIt: async ({ authority, issuer }) =>
      issuer.serveCertificate(await authority.issue(['www.example.test'])),
    remedy: renewCertificate,
  },
];

/** Serves the first certificate again, whose thumbprint IAM has. */
async function renewCertificate({ issuer }: DoctorSite): Promise<void> {
  issuer.restoreCertificate();
}

function otherKey(kid: string): Readonly<Record<string, unknown>> {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid };
}
