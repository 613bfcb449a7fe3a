import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { isIP } from 'node:net';
import { checkServerIdentity, TLSSocket } from 'node:tls';
import { messagesOf } from '../../lib/errors.ts';
import { type FailureReason, failureReason } from '../../lib/http/failure-reason.ts';
import { TunnelAgent } from '../../lib/http/proxy/agents.ts';
import { proxyFor } from '../../lib/http/proxy/proxy-for.ts';
import { readBounded } from '../../lib/read-bounded.ts';
import type { Env } from '../../lib/surroundings.ts';
import { chainOf, thumbprintOf } from './served-chain.ts';

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

export interface FetchOptions extends FetchLimits {
  readonly signal?: AbortSignal;
  /** Takes the answer of a server whose certificate is not trusted: only for a diagnosis. */
  readonly trustsAnyone?: boolean;
}

/** Reason why an issuer's keys cannot be fetched. */
export class IssuerFetchError extends Error {
  override readonly name = 'IssuerFetchError';
  /**
   * `unreachable` may pass by itself; for `invalid` fix the issuer, for `certificate` its certificate or the
   * provider.
   */
  readonly kind: 'unreachable' | 'invalid' | 'certificate';
  /** Undefined if there was an answer. */
  readonly reason: FailureReason | undefined;
  /** The message without the address. */
  readonly problem: string;

  constructor(kind: IssuerFetchError['kind'], address: string, problem: string, reason?: FailureReason) {
    super(`${address}: ${problem}`);
    this.kind = kind;
    this.problem = problem;
    this.reason = reason;
  }
}

/** Answer to one GET, whatever its status is. */
export interface FetchedAnswer {
  readonly status: number;
  /** As served; empty if there is none. */
  readonly contentType: string;
  /** Undefined if the body is sent as it is. */
  readonly contentEncoding: string | undefined;
  /** Target of a redirect, which is never followed. */
  readonly location: string | undefined;
  /** Never decompressed. Undefined if it is larger than the limit, empty if the status is not 200. */
  readonly body: Buffer | undefined;
  /** From the DNS query to the last byte. */
  readonly tookMs: number;
}

/**
 * Makes one GET over https to an issuer, without credentials.
 * @throws IssuerFetchError `unreachable` or `certificate`, with its reason
 */
export async function fetchAnswer(
  address: string,
  endpoint: IssuerEndpoint,
  options: FetchOptions,
): Promise<FetchedAnswer> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
  const beganMs = performance.now();
  try {
    const answer = await getOnce(address, endpoint, { ...options, signal });
    return { ...answer, tookMs: performance.now() - beganMs };
  } catch (thrown) {
    if (thrown instanceof IssuerFetchError) throw thrown;
    const said = timeout.aborted ? `no complete answer within ${options.timeoutMs} ms` : messagesOf(thrown);
    const reason = timeout.aborted ? 'timeout' : failureReason(thrown);
    const kind = reason === 'certificate' ? 'certificate' : 'unreachable';
    throw new IssuerFetchError(kind, address, said, reason);
  }
}

async function getOnce(
  address: string,
  endpoint: IssuerEndpoint,
  { maxBytes, signal, trustsAnyone = false }: FetchOptions,
): Promise<Omit<FetchedAnswer, 'tookMs'>> {
  const url = new URL(address);
  const proxy = endpoint.connectTo ? undefined : proxyFor(url, endpoint.env ?? {});
  const agent = proxy ? new TunnelAgent(() => proxy) : false;
  const trust = { ...connectionTo(url, endpoint), rejectUnauthorized: !trustsAnyone };
  const outgoing = request(url, { ...trust, agent, ...(signal && { signal }) });
  // If it is destroyed below during its answer, it may emit an error that nobody awaits any more.
  outgoing.on('error', () => undefined);
  try {
    const response = await answerOf(outgoing, address, trustsAnyone);
    const { statusCode: status = 0, headers, socket } = response;
    if (endpoint.ca && !hasThumbprint(socket, endpoint.thumbprints)) {
      const said = 'no certificate of the chain has a configured thumbprint';
      throw new IssuerFetchError('certificate', address, said, 'certificate');
    }
    return {
      status,
      contentType: headers['content-type'] ?? '',
      contentEncoding: headers['content-encoding'],
      location: headers.location,
      body: status === 200 ? await readBounded(response, maxBytes) : Buffer.alloc(0),
    };
  } finally {
    outgoing.destroy();
  }
}

async function answerOf(
  outgoing: ClientRequest,
  address: string,
  trustsAnyone: boolean,
): Promise<IncomingMessage> {
  const answer = once(outgoing, 'response');
  outgoing.end();
  try {
    const [response] = await answer;
    return response;
  } catch (thrown) {
    const refused =
      !trustsAnyone && outgoing.socket instanceof TLSSocket && outgoing.socket.authorizationError;
    if (refused) throw new IssuerFetchError('certificate', address, messagesOf(thrown), 'certificate');
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
  const leaf = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  const served = new Set(leaf ? chainOf(leaf).map(thumbprintOf) : []);
  return thumbprints.some((thumbprint) => served.has(thumbprint.toLowerCase()));
}
