import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { isIP } from 'node:net';
import { checkServerIdentity, TLSSocket } from 'node:tls';
import type { JSONWebKeySet } from 'jose';
import { DISCOVERY_PATH, ISSUER_FETCH_TIMEOUT_MS } from '../../lib/contract/sts.ts';
import { messageOf } from '../../lib/errors.ts';
import { TunnelAgent } from '../../lib/http/proxy/agents.ts';
import { proxyFor } from '../../lib/http/proxy/proxy-for.ts';
import { belowIssuer } from '../../lib/issuer.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { readBounded } from '../../lib/read-bounded.ts';
import type { Env } from '../../lib/surroundings.ts';

/** Place at which an issuer's documents are fetched, and the certificates that are trusted there. */
export interface IssuerEndpoint {
  readonly issuer: string;
  /** Certificates of the CAs to trust, in PEM; the public ones if absent. */
  readonly ca?: string;
  /**
   * Address to connect to in place of the issuer's host; name and certificate stay the issuer's, as with curl
   * --connect-to.
   */
  readonly connectTo?: { readonly host: string; readonly port: number };
  /**
   * SHA-1 in hex: one certificate of the served chain must match one of them. Used only with `ca`: see
   * hasThumbprint.
   */
  readonly thumbprints?: readonly string[];
  /** Names the proxies that lead to the issuer; default: none. A `connectTo` excludes them. */
  readonly env?: Env;
}

export interface FetchLimits {
  /** For one document, from the DNS query to the last byte. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** 200 keys of 4096 bits are 160 KiB. */
const DEFAULT_LIMITS: FetchLimits = { timeoutMs: ISSUER_FETCH_TIMEOUT_MS, maxBytes: 1024 * 1024 };

/** Reason why an issuer's keys cannot be fetched. */
export class IssuerFetchError extends Error {
  override readonly name = 'IssuerFetchError';
  /**
   * `unreachable` may pass by itself; for `invalid` fix the issuer, for `certificate` its certificate or the
   * provider.
   */
  readonly kind: 'unreachable' | 'invalid' | 'certificate';

  constructor(kind: IssuerFetchError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Fetches the keys that an issuer publishes: the discovery document, whose `issuer` must be exactly the same,
 * then the key set that it names. Each is one GET over https that must answer 200 with JSON within the
 * limits. A redirect is refused: OpenID Connect Discovery 1.0, section 4.2, requires 200, and AWS does not
 * document that it follows one.
 * @throws IssuerFetchError
 */
export async function fetchIssuerKeys(
  endpoint: IssuerEndpoint,
  limits: FetchLimits = DEFAULT_LIMITS,
): Promise<JSONWebKeySet> {
  const { jwksUri } = await fetchDiscovery(endpoint, limits);
  const keys = asArray((await fetchDocument(jwksUri, endpoint, limits)).json['keys'])?.map(asObject);
  if (!keys) throw invalid(jwksUri, 'has no list of keys');
  // A key of an unknown type must not make the others unusable. RFC 7517, section 5
  return {
    keys: keys.flatMap((key) => (key && typeof key['kty'] === 'string' ? [{ ...key, kty: key['kty'] }] : [])),
  };
}

export interface FetchedDiscovery extends FetchedDocument {
  readonly jwksUri: string;
}

/**
 * Fetches the discovery document of an issuer and checks what STS needs of it.
 * @throws IssuerFetchError
 */
export async function fetchDiscovery(
  endpoint: IssuerEndpoint,
  limits: FetchLimits = DEFAULT_LIMITS,
): Promise<FetchedDiscovery> {
  const discoveryUrl = belowIssuer(endpoint.issuer, DISCOVERY_PATH);
  const fetched = await fetchDocument(discoveryUrl, endpoint, limits);
  const { issuer, jwks_uri } = fetched.json;
  if (issuer !== endpoint.issuer) {
    throw invalid(discoveryUrl, `names the issuer ${JSON.stringify(issuer)}, not ${endpoint.issuer}`);
  }
  const jwksUri = asText(jwks_uri);
  if (!jwksUri || !URL.canParse(jwksUri)) throw invalid(discoveryUrl, 'has no jwks_uri');
  if (!jwksUri.startsWith('https://'))
    throw invalid(discoveryUrl, `has a jwks_uri that is not https: ${jwksUri}`);
  return { ...fetched, jwksUri };
}

export interface FetchedDocument {
  readonly json: JsonObject;
  /** As served; empty if there is none. */
  readonly contentType: string;
  /** From the DNS query to the last byte. */
  readonly tookMs: number;
}

/**
 * Fetches one document of an issuer: a GET over https that must answer 200 with a JSON object.
 * @throws IssuerFetchError
 */
export async function fetchDocument(
  address: string,
  endpoint: IssuerEndpoint,
  limits: FetchLimits = DEFAULT_LIMITS,
): Promise<FetchedDocument> {
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const beganMs = performance.now();
  let body: string;
  let contentType: string;
  try {
    ({ body, contentType } = await fetchText(address, endpoint, limits.maxBytes, timeout));
  } catch (thrown) {
    if (thrown instanceof IssuerFetchError) throw thrown;
    const reason = timeout.aborted ? `no complete answer within ${limits.timeoutMs} ms` : messageOf(thrown);
    throw new IssuerFetchError('unreachable', `${address}: ${reason}`);
  }
  try {
    const json = asObject(JSON.parse(body));
    if (json) return { json, contentType, tookMs: performance.now() - beganMs };
  } catch {
    // Reported below, like JSON that is not an object.
  }
  throw invalid(address, 'is not a JSON object');
}

async function fetchText(
  address: string,
  endpoint: IssuerEndpoint,
  maxBytes: number,
  signal: AbortSignal,
): Promise<{ readonly body: string; readonly contentType: string }> {
  const url = new URL(address);
  const proxy = endpoint.connectTo ? undefined : proxyFor(url, endpoint.env ?? {});
  const agent = proxy ? new TunnelAgent(() => proxy) : false;
  const outgoing = request(url, { ...connectionTo(url, endpoint), agent, signal });
  // If it is destroyed below during its answer, it may emit an error that nobody awaits any more.
  outgoing.on('error', () => undefined);
  try {
    const response = await answerOf(outgoing, address);
    const { statusCode = 0, socket } = response;
    if (endpoint.ca && !hasThumbprint(socket, endpoint.thumbprints)) {
      throw new IssuerFetchError(
        'certificate',
        `${address}: no certificate of the chain has a configured thumbprint`,
      );
    }
    if (statusCode >= 500) throw new IssuerFetchError('unreachable', `${address}: has status ${statusCode}`);
    if (statusCode !== 200) throw invalid(address, `has status ${statusCode}, not 200`);
    const body = await readBounded(response, maxBytes);
    if (!body) throw invalid(address, `is larger than ${maxBytes} bytes`);
    return { body: body.toString('utf8'), contentType: response.headers['content-type'] ?? '' };
  } finally {
    outgoing.destroy();
  }
}

async function answerOf(outgoing: ClientRequest, address: string): Promise<IncomingMessage> {
  const answer = once(outgoing, 'response');
  outgoing.end();
  try {
    const [response] = await answer;
    return response;
  } catch (thrown) {
    const refused = outgoing.socket instanceof TLSSocket && outgoing.socket.authorizationError;
    if (refused) throw new IssuerFetchError('certificate', `${address}: ${messageOf(thrown)}`);
    throw thrown;
  }
}

function connectionTo({ host, hostname }: URL, { issuer, ca, connectTo }: IssuerEndpoint): RequestOptions {
  const detour = connectTo && host === new URL(issuer).host ? connectTo : undefined;
  return {
    ...(detour ? { hostname: detour.host, port: detour.port } : {}),
    ...(ca === undefined ? {} : { ca }),
    // Otherwise Node would send and check the name of the detour. An IP address is never sent as a name. RFC
    // 6066
    ...(isIP(hostname) ? {} : { servername: hostname }),
    checkServerIdentity: (_detour, certificate) => checkServerIdentity(hostname, certificate),
    // An API server that is its own issuer serves the key set only as application/jwk-set+json.
    headers: { host, accept: 'application/json, */*' },
  };
}

/**
 * Returns whether the served chain has one of the thumbprints. IAM compares thumbprints only if the issuer's
 * certificate is not from a CA that AWS trusts; here that means the provider has its own `ca`. The chain has
 * been verified before, so a thumbprint can only narrow what is trusted.
 */
function hasThumbprint(socket: unknown, thumbprints: readonly string[] = []): boolean {
  if (thumbprints.length === 0) return true;
  const served = new Set<string>();
  let certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  for (; certificate && !served.has(thumbprintOf(certificate)); certificate = certificate.issuerCertificate) {
    served.add(thumbprintOf(certificate));
  }
  return thumbprints.some((thumbprint) => served.has(thumbprint.toLowerCase()));
}

function thumbprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint.replaceAll(':', '').toLowerCase();
}

function invalid(address: string, problem: string): IssuerFetchError {
  return new IssuerFetchError('invalid', `${address}: ${problem}`);
}
