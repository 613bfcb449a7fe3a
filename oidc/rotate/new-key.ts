import { PodroleError } from '../../lib/errors.ts';
import type { ServedKey } from '../keys/served-key.ts';
import type { KeySource } from '../sources/key-source.ts';
import { pemKeyFiles } from '../sources/pem-key-files.ts';

/**
 * Reads the key to rotate to; only the public part of a private key.
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_KEY`, also for a file with several keys
 */
export async function readNewKey(path: string, signal: AbortSignal): Promise<ServedKey> {
  const [key, ...others] = await pemKeyFiles([path]).read(signal);
  if (key && others.length === 0) return key;
  throw new PodroleError({
    code: 'INVALID_KEY',
    object: `--key-file ${path}`,
    problem: `contains ${others.length + 1} keys`,
    remedy: 'give a file with only the new public key',
  });
}

/** The source with one more key. */
export function withKey(source: KeySource, key: ServedKey): KeySource {
  return {
    name: source.name,
    read: async (signal) => {
      const keys = await source.read(signal);
      return keys.some(({ kid }) => kid === key.kid) ? keys : [...keys, key];
    },
  };
}
