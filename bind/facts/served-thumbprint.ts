import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { ISSUER_FETCH_TIMEOUT_MS } from '../../lib/contract/sts.ts';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { proxyFor } from '../../lib/http/proxy/proxy-for.ts';
import { openTunnel } from '../../lib/http/proxy/tunnel.ts';
import type { Env } from '../../lib/surroundings.ts';

/** Address to connect to instead of the issuer's host, for a host that is not in DNS yet. */
export interface ConnectTo {
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
 * Returns the SHA-1, in hex, of the last certificate of the chain that the issuer's host serves: the top
 * intermediate CA, as AWS wants it. The chain is not verified. For a certificate of a public CA, AWS ignores
 * thumbprints.
 * [iam] "Obtain the thumbprint for an OpenID Connect identity provider"
 * @throws PodroleError `ISSUER_UNREACHABLE`, `PROXY_FAILED`
 */
export async function servedThumbprint(
  issuer: string,
  signal: AbortSignal,
  { env, connectTo }: IssuerWay,
): Promise<string> {
  const url = new URL(issuer);
  const { hostname } = url;
  const { host, port } = connectTo ?? { host: hostname, port: Number(url.port || 443) };
  const proxy = connectTo ? undefined : proxyFor(url, env);
  const through = proxy && { socket: await openTunnel({ proxy }, `${hostname}:${port}`) };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ISSUER_FETCH_TIMEOUT_MS)]);
  // Without CAs of its own, Node does not append a root that the host did not serve.
  const servername = isIP(hostname) ? '' : hostname;
  const socket = connect({ host, port, ...through, servername, ca: [], rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect', { signal: limit });
    const certificate = socket.getPeerX509Certificate();
    if (!certificate) throw new Error('it served no certificate');
    return thumbprintOf(topOf(certificate));
  } catch (thrown) {
    throw new PodroleError(
      {
        code: 'ISSUER_UNREACHABLE',
        object: `issuer ${issuer}`,
        problem: `could not read the certificate chain from ${host}:${port}: ${messageOf(thrown)}`,
        remedy: 'publish the issuer first, or give --thumbprint',
      },
      { cause: thrown },
    );
  } finally {
    socket.destroy();
  }
}

function topOf(leaf: X509Certificate): X509Certificate {
  const seen = new Set<string>();
  let top = leaf;
  for (
    let next: X509Certificate | undefined = leaf;
    next && !seen.has(next.fingerprint256);
    next = next.issuerCertificate
  ) {
    seen.add(next.fingerprint256);
    top = next;
  }
  return top;
}

function thumbprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint.replaceAll(':', '').toLowerCase();
}
