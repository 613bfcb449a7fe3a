import { X509Certificate } from 'node:crypto';
import { messageOf, PodroleError } from '../../../lib/errors.ts';
import { parseKeyPair, type ServingKeyPair } from '../../../lib/tls/key-pair.ts';

/** PEM of a serving certificate, its key, and the certificate of the CA that issued it. */
export interface PairMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** A serving certificate, its key and its CA, which belong together. */
export interface IssuedPair extends ServingKeyPair, PairMaterial {
  /** Identity of the CA: its SHA-256 fingerprint. */
  readonly caId: string;
  /** Time from which both certificates are valid. */
  readonly notBefore: Date;
  /** True if the certificate is valid for every name of the Service. */
  readonly coversHosts: boolean;
}

/**
 * Parses a pair. Expiry and names are left to the caller: a pair with a wrong one is still better than none.
 * @param origin name of a file in messages
 * @param hosts names that the API server may dial
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_CERTIFICATE`, `INVALID_KEY`, `KEY_MISMATCH`, `CA_MISMATCH`
 */
export function parsePair(
  { cert, key, ca }: Partial<PairMaterial>,
  origin: (file: keyof PairMaterial) => string,
  hosts: readonly string[],
): IssuedPair {
  const pair = parseKeyPair({ origin: origin('cert'), text: cert }, { origin: origin('key'), text: key });
  const leaf = new X509Certificate(pair.cert);
  const authority = parseAuthority(ca ?? '', origin('ca'));
  if (!leaf.checkIssued(authority) || !leaf.verify(authority.publicKey)) {
    throw new PodroleError({
      code: 'CA_MISMATCH',
      object: origin('ca'),
      problem: `did not issue the certificate in ${origin('cert')}`,
      remedy: 'none needed: a new pair takes its place',
    });
  }
  return {
    ...pair,
    ca: authority.toString(),
    caId: authority.fingerprint256,
    notBefore: new Date(Math.max(leaf.validFromDate.getTime(), authority.validFromDate.getTime())),
    notAfter: new Date(Math.min(leaf.validToDate.getTime(), authority.validToDate.getTime())),
    coversHosts: hosts.every((host) => leaf.checkHost(host) !== undefined),
  };
}

function parseAuthority(ca: string, object: string): X509Certificate {
  try {
    return new X509Certificate(ca);
  } catch (thrown) {
    throw new PodroleError({
      code: 'INVALID_CERTIFICATE',
      object,
      problem: `cannot be read as PEM (${messageOf(thrown)})`,
      remedy: 'none needed: a new pair takes its place',
    });
  }
}

/** True if both certificates are valid at this time. */
export function isValidAt({ notBefore, notAfter }: IssuedPair, now: Date): boolean {
  return notBefore <= now && now < notAfter;
}
