import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { ISSUER_FETCH_TIMEOUT_MS } from '../../lib/contract/sts.ts';
import { messageOf, PodroleError } from '../../lib/errors.ts';

/** Address to connect to instead of the issuer's host, for a host that is not in DNS yet. */
export interface ConnectTo {
  readonly host: string;
  readonly port: number;
}

/**
 * Returns the SHA-1, in hex, of the last certificate of the chain that the issuer's host serves: the top
 * intermediate CA, as AWS wants it. The chain is not verified. For a certificate of a public CA, AWS ignores
 * thumbprints.
 * [iam] "Obtain the thumbprint for an OpenID Connect identity provider"
 * @throws PodroleError `ISSUER_UNREACHABLE`
 */
export async function servedThumbprint(
  issuer: string,
  signal: AbortSignal,
  connectTo?: ConnectTo,
): Promise<string> {
  const { hostname } = new URL(issuer);
  const { host, port } = connectTo ?? { host: hostname, port: 443 };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ISSUER_FETCH_TIMEOUT_MS)]);
  // Without CAs of its own, Node does not append a root that the host did not serve.
  const servername = isIP(hostname) ? '' : hostname;
  const socket = connect({ host, port, servername, ca: [], rejectUnauthorized: false });
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
