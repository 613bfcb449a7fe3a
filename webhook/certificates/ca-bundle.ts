import { X509Certificate } from 'node:crypto';

/** A certificate authority that a bundle trusts. */
export interface TrustedAuthority {
  /** Its certificate, PEM. */
  readonly pem: string;
  readonly notAfter: Date;
  /** Whether podrole made it, as its name says. */
  readonly isOurs: boolean;
}

/** A `caBundle`, read. */
export interface CaBundle {
  /** By fingerprint. */
  readonly authorities: ReadonlyMap<string, TrustedAuthority>;
  /** Whether there was nothing else in it: the API server may refuse a bundle for a single broken block. */
  readonly isClean: boolean;
}

/** Begins the common name of every CA that podrole makes. */
export const AUTHORITY_NAME = 'podrole-webhook-ca';

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** @param caBundle as the API has it: base64 of PEM, or missing */
export function parseBundle(caBundle: unknown): CaBundle {
  const text = typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString('utf8') : '';
  const authorities = new Map<string, TrustedAuthority>();
  let isClean = text.replaceAll(BLOCK, '').trim() === '';
  for (const [block] of text.matchAll(BLOCK)) {
    try {
      const certificate = new X509Certificate(block);
      authorities.set(certificate.fingerprint256, {
        pem: certificate.toString(),
        notAfter: certificate.validToDate,
        isOurs: certificate.subject.includes(`CN=${AUTHORITY_NAME} `),
      });
    } catch {
      isClean = false;
    }
  }
  return { authorities, isClean };
}

/** The `caBundle` of these certificates. */
export function composeBundle(pems: readonly string[]): string {
  return Buffer.from(pems.map((pem) => `${pem.trim()}\n`).join('')).toString('base64');
}
