import { isDeepStrictEqual } from 'node:util';
import { type Clock, pause } from '../../lib/clock.ts';
import { ISSUER_FETCH_TIMEOUT_MS } from '../../lib/contract/sts.ts';
import { messageOf } from '../../lib/errors.ts';
import { proxyFor } from '../../lib/http/proxy/proxy-for.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { type IssuerEndpoint, IssuerFetchError } from './fetch-answer.ts';
import {
  type FetchedDiscovery,
  type FetchedDocument,
  fetchDiscovery,
  fetchDocument,
} from './issuer-documents.ts';
import { JSON_TYPES } from './json-types.ts';
import { isPublicAddress } from './public-address.ts';

/** Result of one check. */
export interface Check {
  readonly name: 'discovery' | 'keys' | 'address' | 'certificate';
  /** `note`: STS may still succeed; the finding says what it needs. */
  readonly outcome: 'ok' | 'note' | 'failed';
  readonly finding: string;
  /** A cache on the way may be the reason, so waiting may help. */
  readonly mayPass?: true;
}

export interface Verification {
  /** Without `thumbprints`. The user gives `ca` and `connectTo` for a site that is not public. */
  readonly endpoint: IssuerEndpoint;
  /** The written documents, which must be found. */
  readonly expected: { readonly jwks: { readonly keys: readonly JsonObject[] } };
  /** Time to wait for caches. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** The addresses of a host name. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /**
   * Returns the SHA-1 thumbprint that IAM needs for the issuer's certificate; rejects if the chain cannot be
   * read.
   */
  readonly thumbprint: () => Promise<string>;
  /** Certificates of the CAs that AWS trusts too, in PEM; this machine may trust more. */
  readonly publicAuthorities: () => Promise<readonly string[]>;
  readonly signal: AbortSignal;
}

const RETRY_MS = 1_000;
/**
 * Fetches a publication as STS would, anonymously and by the issuer's URL, and returns what STS would find.
 * If a cache may still hold an older document, it tries again until the time is up.
 */
export async function verifyPublication(verification: Verification): Promise<readonly Check[]> {
  const { clock, timeoutMs, signal } = verification;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  for (;;) {
    const checks = await checkOnce(verification);
    const isWorthWaiting = checks.some(({ mayPass }) => mayPass);
    if (!isWorthWaiting || signal.aborted || clock.monotonicMs() + RETRY_MS > deadlineMs) return checks;
    await pause(clock, RETRY_MS, signal);
  }
}

async function checkOnce(verification: Verification): Promise<readonly Check[]> {
  const { endpoint } = verification;
  const address = await checkAddress(verification);
  let discovery: FetchedDiscovery;
  try {
    discovery = await fetchDiscovery(endpoint);
  } catch (thrown) {
    if (thrown instanceof IssuerFetchError && thrown.kind === 'certificate') {
      return [await checkCertificate(verification, thrown), ...address];
    }
    return [failure('discovery', thrown), ...address];
  }
  const checks = [checkFetched('discovery', discovery, `issuer ${endpoint.issuer}`), ...address];
  try {
    const keys = await fetchDocument(discovery.jwksUri, endpoint);
    return [...checks, compareKeys(keys, verification), await checkCertificate(verification)];
  } catch (thrown) {
    return [...checks, failure('keys', thrown)];
  }
}

function checkFetched(
  name: 'discovery' | 'keys',
  { contentType, tookMs }: FetchedDocument,
  found: string,
): Check {
  const finding = `${found}, in ${Math.round(tookMs)} ms`;
  if (!JSON_TYPES.test(contentType)) {
    return {
      name,
      outcome: 'note',
      finding: `${finding}; but its content type is ${contentType || 'missing'}; serve it as application/json`,
    };
  }
  if (tookMs > ISSUER_FETCH_TIMEOUT_MS / 2) {
    return { name, outcome: 'note', finding: `${finding}; STS gives up after ${ISSUER_FETCH_TIMEOUT_MS} ms` };
  }
  return { name, outcome: 'ok', finding };
}

/** Compares the parsed keys, in any order: a proxy may reformat the JSON. */
function compareKeys(fetched: FetchedDocument, { expected }: Verification): Check {
  const found = (asArray(fetched.json['keys']) ?? []).map((key) => asObject(key) ?? {});
  const idsOf = (keys: readonly JsonObject[]) => keys.map((key) => asText(key['kid']) ?? '(no kid)');
  const isIn = (key: JsonObject, keys: readonly JsonObject[]) =>
    keys.some((other) => isDeepStrictEqual(other, key));
  const missing = expected.jwks.keys.filter((key) => !isIn(key, found));
  const unknown = found.filter((key) => !isIn(key, expected.jwks.keys));
  if (missing.length === 0 && unknown.length === 0) {
    return checkFetched('keys', fetched, `all ${found.length} published`);
  }
  const differences = [
    ...(missing.length > 0 ? [`without ${idsOf(missing).join(', ')}`] : []),
    ...(unknown.length > 0
      ? [`with ${idsOf(unknown).join(', ')} that ${unknown.length > 1 ? 'are' : 'is'} not published`]
      : []),
  ];
  return {
    name: 'keys',
    outcome: 'failed',
    finding: `the key set differs: ${differences.join('; ')}; a cache may hold an older one, or the issuer's URL is not served from --to`,
    mayPass: true,
  };
}

function failure(name: 'discovery' | 'keys', thrown: unknown): Check {
  const isAnswer = thrown instanceof IssuerFetchError && /has status|names the issuer/.test(thrown.message);
  return {
    name,
    outcome: 'failed',
    finding: messageOf(thrown),
    ...(isAnswer ? { mayPass: true } : {}),
  };
}

async function checkAddress({ endpoint, resolve }: Verification): Promise<readonly Check[]> {
  const { hostname } = new URL(endpoint.issuer);
  const name = 'address';
  const isDetour = endpoint.connectTo !== undefined || endpoint.ca !== undefined;
  try {
    const addresses = endpoint.connectTo ? [] : await resolve(hostname);
    const hidden = addresses.filter((address) => !isPublicAddress(address));
    if (hidden.length === 0) return [];
    return [
      {
        name,
        outcome: isDetour ? 'note' : 'failed',
        finding: `${hostname} is ${hidden.join(', ')} from here, which AWS cannot reach`,
      },
    ];
  } catch (thrown) {
    const finding = `${hostname}: ${messageOf(thrown)}`;
    if (!isProxied(endpoint)) return [{ name, outcome: 'failed', finding }];
    return [{ name, outcome: 'note', finding: `not checked, the fetch went through a proxy: ${finding}` }];
  }
}

/** Returns true if a proxy looks up the issuer's host, so that this machine need not know its address. */
function isProxied({ issuer, connectTo, env = {} }: IssuerEndpoint): boolean {
  return connectTo === undefined && proxyFor(new URL(issuer), env) !== undefined;
}

async function checkCertificate(
  { endpoint, thumbprint, publicAuthorities }: Verification,
  refused?: IssuerFetchError,
): Promise<Check> {
  const name = 'certificate';
  if (!refused && endpoint.ca === undefined) {
    const doubt = await doubtOfPublicCa({ ...endpoint, ca: (await publicAuthorities()).join('\n') });
    if (doubt === undefined) {
      return { name, outcome: 'ok', finding: 'issued by a public CA: IAM ignores thumbprints' };
    }
    if (doubt.kind !== 'certificate') {
      return { name, outcome: 'note', finding: `whether its CA is public is not known: ${doubt.message}` };
    }
  }
  const sha1 = await thumbprint().catch(() => undefined);
  const remedy = `IAM needs the thumbprint of its top CA certificate${sha1 ? `, ${sha1}` : ''}`;
  if (!refused) {
    const whose = isProxied(endpoint) ? ', unless this CA is that of the proxy' : '';
    return { name, outcome: 'note', finding: `issued by your own CA: ${remedy}${whose}` };
  }
  return {
    name,
    outcome: 'failed',
    finding: `${refused.message}; if it is your own CA, ${remedy}, and --verify-ca makes podrole trust it`,
  };
}

/**
 * Fetches the discovery document again and trusts only public CAs: NODE_EXTRA_CA_CERTS and the system may add
 * others, which AWS does not trust. Returns the error if it fails.
 */
async function doubtOfPublicCa(endpoint: IssuerEndpoint): Promise<IssuerFetchError | undefined> {
  try {
    await fetchDiscovery(endpoint);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof IssuerFetchError) return thrown;
    throw thrown;
  }
}
