import type { Fault } from '../../lib/errors.ts';

const SHA1 = /^[0-9a-f]{40}$/;

/** A thumbprint as IAM writes it, of one with colons or capitals as openssl prints it. */
export function normalThumbprint(thumbprint: string): string {
  return thumbprint.replaceAll(':', '').toLowerCase();
}

/** Faults of `--thumbprint`: what is no SHA-1 in hex. */
export function thumbprintFaults(thumbprints: readonly string[]): readonly Fault[] {
  return thumbprints
    .filter((thumbprint) => !SHA1.test(normalThumbprint(thumbprint)))
    .map((thumbprint) => ({
      code: 'INVALID_SETTING',
      object: '--thumbprint',
      problem: `holds ${JSON.stringify(thumbprint)}`,
      remedy: 'give a SHA-1 in 40 hex digits',
    }));
}
