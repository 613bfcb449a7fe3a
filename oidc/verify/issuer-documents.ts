import type { JSONWebKeySet } from 'jose';
import { DISCOVERY_PATH, ISSUER_FETCH_TIMEOUT_MS } from '../../lib/contract/sts.ts';
import { belowIssuer } from '../../lib/issuer.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { type FetchLimits, fetchAnswer, type IssuerEndpoint, IssuerFetchError } from './fetch-answer.ts';

/** 200 keys of 4096 bits are 160 KiB. */
const DEFAULT_LIMITS: FetchLimits = { timeoutMs: ISSUER_FETCH_TIMEOUT_MS, maxBytes: 1024 * 1024 };

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
  const { status, contentType, body, tookMs } = await fetchAnswer(address, endpoint, limits);
  if (status >= 500) throw new IssuerFetchError('unreachable', address, `has status ${status}`);
  if (status !== 200) throw invalid(address, `has status ${status}, not 200`);
  if (!body) throw invalid(address, `is larger than ${limits.maxBytes} bytes`);
  try {
    const json = asObject(JSON.parse(body.toString('utf8')));
    if (json) return { json, contentType, tookMs };
  } catch {
    // Reported below, like JSON that is not an object.
  }
  throw invalid(address, 'is not a JSON object');
}

function invalid(address: string, problem: string): IssuerFetchError {
  return new IssuerFetchError('invalid', address, problem);
}
