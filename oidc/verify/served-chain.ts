import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { codeOf } from '../../lib/errors.ts';
import { proxyFor } from '../../lib/http/proxy/proxy-for.ts';
import { openTunnel } from '../../lib/http/proxy/tunnel.ts';
import type { Env } from '../../lib/surroundings.ts';

/** Address to connect to instead of the issuer's host, for a host that is not in DNS yet. */
interface ConnectTo {
  readonly host: string;
  readonly port: number;
}

/** Way to the issuer. */
export interface IssuerWay {
  /** Names the proxy. */
  readonly env: Env;
  /** Excludes a proxy. */
  readonly connectTo?: ConnectTo | undefined;
}

/**
 * Reads the certificates that the issuer's host serves, the leaf first. They are not verified, and no root
 * that the host did not serve is among them.
 * @throws PodroleError `PROXY_FAILED`; any error of the connection
 */
export async function readServedChain(
  issuer: string,
  way: IssuerWay,
  signal: AbortSignal,
): Promise<readonly X509Certificate[]> {
  // Without CAs of its own, Node does not append a root that the host did not serve.
  const socket = await connectSecurely(issuer, way, { ca: [] }, signal);
  try {
    const leaf = socket.getPeerX509Certificate();
    if (!leaf) throw new Error('it served no certificate');
    return chainOf(leaf);
  } finally {
    socket.destroy();
  }
}

/** Reason for which a served chain is not trusted. */
export interface ChainProblem {
  /** Of OpenSSL or Node: `CERT_HAS_EXPIRED`, `ERR_TLS_CERT_ALTNAME_INVALID`. */
  readonly code: string;
  readonly said: string;
}

/**
 * Verifies the chain that the issuer's host serves with the given CAs alone.
 * @param checkName false: the certificate may be that of another name
 * @returns undefined if it is trusted
 * @throws PodroleError `PROXY_FAILED`; any error of the connection
 */
export async function verifyServedChain(
  issuer: string,
  way: IssuerWay,
  { ca, checkName }: { readonly ca: readonly string[]; readonly checkName: boolean },
  signal: AbortSignal,
): Promise<ChainProblem | undefined> {
  const anyName: ConnectionOptions = checkName ? {} : { checkServerIdentity: () => undefined };
  const socket = await connectSecurely(issuer, way, { ca: [...ca], ...anyName }, signal);
  socket.destroy();
  const refused: unknown = socket.authorizationError;
  if (!refused) return undefined;
  // Node keeps the code alone of an error that has one.
  const code = typeof refused === 'string' ? refused : (codeOf(refused) ?? 'UNKNOWN');
  return { code, said: refused instanceof Error ? refused.message : code };
}

async function connectSecurely(
  issuer: string,
  { env, connectTo }: IssuerWay,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const url = new URL(issuer);
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const { host, port } = connectTo ?? { host: hostname, port: Number(url.port || 443) };
  const proxy = connectTo ? undefined : proxyFor(url, env);
  const through = proxy && { socket: await openTunnel({ proxy }, `${url.hostname}:${port}`) };
  const servername = isIP(hostname) ? '' : hostname;
  const socket = connect({ host, port, ...through, servername, rejectUnauthorized: false, ...options });
  // A peer may reset the connection after the handshake, when nobody waits for it any more.
  socket.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal });
    return socket;
  } catch (thrown) {
    socket.destroy();
    throw signal.aborted ? signal.reason : thrown;
  }
}

/** Returns a certificate and those above it in its chain, each once. */
export function chainOf(leaf: X509Certificate): readonly X509Certificate[] {
  const chain = new Map<string, X509Certificate>();
  for (
    let next: X509Certificate | undefined = leaf;
    next && !chain.has(next.fingerprint256);
    next = next.issuerCertificate
  ) {
    chain.set(next.fingerprint256, next);
  }
  return [...chain.values()];
}

/** Returns the SHA-1 of a certificate in hex and small letters, as IAM writes it. */
export function thumbprintOf({ fingerprint }: X509Certificate): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}
