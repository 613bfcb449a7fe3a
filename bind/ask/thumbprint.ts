import type { Fault } from '../../lib/errors.ts';

const SHA1 = /^[0-9a-f]{40}$/;

/** Returns a thumbprint as IAM writes it, without the colons and capitals that openssl prints. */
export function normalThumbprint(thumbprint: string): string {
  return thumbprint.replaceAll(':', '').toLowerCase();
}

/** Returns a fault for each value of `--thumbprint` that is not a SHA-1 in hex. */
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
