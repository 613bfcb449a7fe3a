import { randomUUID } from 'node:crypto';
import { AUTHORITY_NAME } from './ca-bundle.ts';
import type { PairMaterial } from './issued-pair.ts';

const KEY = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

/**
 * Far in the past: a pair that a machine with a fast clock made is valid for those whose clocks are right
 * too. The end of a pair limits it, and that its CA never signs again.
 */
const NOT_BEFORE = new Date(0);

/**
 * Makes a CA for one serving certificate, and that certificate. The key of the CA is thrown away, so that
 * nobody can take it from a Secret and sign with it. Each CA has a unique name: a verifier finds the signer
 * among those of a bundle by its name.
 */
export async function mintPair(hosts: readonly string[], notAfter: Date): Promise<PairMaterial> {
  // Loaded late: some 3 MB that are needed four times a year. In the bundle, a CommonJS module that is
  // imported late has only a default export.
  const { generate } = (await import('selfsigned')).default;
  const validity = { ...KEY, notBeforeDate: NOT_BEFORE, notAfterDate: notAfter };
  const authority = await generate([{ name: 'commonName', value: `${AUTHORITY_NAME} ${randomUUID()}` }], {
    ...validity,
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const serving = await generate([{ name: 'commonName', value: 'podrole-webhook' }], {
    ...validity,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: hosts.map((value) => ({ type: 2, value })) },
    ],
  });
  return { cert: lines(serving.cert), key: lines(serving.private), ca: lines(authority.cert) };
}

/** Ends the PEM with one line break, as a text file does. */
function lines(pem: string): string {
  return `${pem.trim()}\n`;
}
