import { PodroleError } from '../../lib/errors.ts';
import type { ServedKey } from '../keys/served-key.ts';
import type { KeySource } from '../sources/key-source.ts';
import { pemKeyFiles } from '../sources/pem-key-files.ts';

/**
 * The key to rotate to; of a private key its public part.
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_KEY` where the file holds more than one key, too
 */
export async function readNewKey(path: string, signal: AbortSignal): Promise<ServedKey> {
  const [key, ...others] = await pemKeyFiles([path]).read(signal);
  if (key && others.length === 0) return key;
  throw new PodroleError({
    code: 'INVALID_KEY',
    object: `--key-file ${path}`,
    problem: `holds ${others.length + 1} keys`,
    remedy: 'give a file with the new public key alone',
  });
}

/** What the source has, and one key more. */
export function withKey(source: KeySource, key: ServedKey): KeySource {
  return {
    name: source.name,
    read: async (signal) => {
      const keys = await source.read(signal);
      return keys.some(({ kid }) => kid === key.kid) ? keys : [...keys, key];
    },
  };
}
