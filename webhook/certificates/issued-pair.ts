import { X509Certificate } from 'node:crypto';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { parseKeyPair, type ServingKeyPair } from '../../lib/tls/key-pair.ts';

/** PEM of a serving certificate, its key, and the certificate of the CA that issued it. */
export interface PairMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** A serving certificate whose CA is known, checked to belong together. */
export interface IssuedPair extends ServingKeyPair, PairMaterial {
  /** Identity of the CA: see caIdOf. */
  readonly caId: string;
  /** When the last of the two begins to be valid. */
  readonly notBefore: Date;
  /** Whether the certificate is for every name of the Service. */
  readonly coversHosts: boolean;
}

/**
 * Reads a pair. Expiry and names are left to the caller: such a pair is still better than none.
 * @param origin how messages name where it is held
 * @param hosts the names that the API server may dial
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
      problem: `can't be read as PEM (${messageOf(thrown)})`,
      remedy: 'none needed: a new pair takes its place',
    });
  }
}

/** Whether a pair is of any use at this time. */
export function isValidAt({ notBefore, notAfter }: IssuedPair, now: Date): boolean {
  return notBefore <= now && now < notAfter;
}
