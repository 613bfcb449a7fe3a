import { X509Certificate } from 'node:crypto';
/**
 * Returns the certificates that Node trusts by default, those of NODE_EXTRA_CA_CERTS included, in PEM. Loads
 * `node:tls` only when asked: a static import builds its list of root certificates in the memory of each pod.
 */
export async function publicAuthorities(): Promise<readonly string[]> {
  const { getCACertificates } = await import('node:tls');
  return getCACertificates('default');
}

/** Returns the certificates of the public CAs that Node brings along, in PEM: nothing of this machine. */
export async function bundledAuthorities(): Promise<readonly string[]> {
  const { getCACertificates } = await import('node:tls');
  return getCACertificates('bundled');
}

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

/**
 * Returns the certificates in a PEM file, one string each. Node silently ignores a file without one, and what
 * follows a broken one.
 * @throws Error that says which of them cannot be read, or that there is none
 */
export function authoritiesIn(pem: string): readonly string[] {
  const found: string[] = [];
  for (let at = pem.indexOf(BEGIN); at >= 0; at = pem.indexOf(BEGIN, at + BEGIN.length)) {
    const end = pem.indexOf(END, at);
    const block = pem.slice(at, end < 0 ? undefined : end + END.length);
    try {
      new X509Certificate(block);
    } catch (thrown) {
      throw new Error(`certificate ${found.length + 1} in it cannot be read`, { cause: thrown });
    }
    found.push(block);
  }
  if (found.length === 0) throw new Error('it holds no certificate in PEM');
  return found;
}
