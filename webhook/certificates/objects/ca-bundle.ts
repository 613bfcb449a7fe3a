import { X509Certificate } from 'node:crypto';

/** A certificate authority that a bundle trusts. */
export interface TrustedAuthority {
  /** Its certificate, PEM. */
  readonly pem: string;
  readonly notAfter: Date;
  /** True if podrole made it, by its name. */
  readonly isOurs: boolean;
}

/** A parsed `caBundle`. */
export interface CaBundle {
  /** By fingerprint. */
  readonly authorities: ReadonlyMap<string, TrustedAuthority>;
  /** True if it contained nothing else: the API server may refuse a bundle for a single broken block. */
  readonly isClean: boolean;
}

/** Start of the common name of every CA that podrole makes. */
export const AUTHORITY_NAME = 'podrole-webhook-ca';

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

/** @param caBundle as the API has it: base64 of PEM, or missing */
export function parseBundle(caBundle: unknown): CaBundle {
  const text = typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString('utf8') : '';
  const authorities = new Map<string, TrustedAuthority>();
  const { blocks, rest } = splitBlocks(text);
  let isClean = rest.trim() === '';
  for (const block of blocks) {
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

/** Works in one pass: a regular expression would look for the end again from each beginning. */
function splitBlocks(text: string): { readonly blocks: readonly string[]; readonly rest: string } {
  const blocks: string[] = [];
  let rest = '';
  let at = 0;
  for (;;) {
    const begin = text.indexOf(BEGIN, at);
    const end = begin < 0 ? -1 : text.indexOf(END, begin);
    if (end < 0) return { blocks, rest: rest + text.slice(at) };
    rest += text.slice(at, begin);
    at = end + END.length;
    blocks.push(text.slice(begin, at));
  }
}

/** Returns the `caBundle` of these certificates. */
export function composeBundle(pems: readonly string[]): string {
  return Buffer.from(pems.map((pem) => `${pem.trim()}\n`).join('')).toString('base64');
}
