import { readSettingFile } from '../../lib/settings/settings.ts';
import { keyId, publicKeysFromPem } from '../keys/keys.ts';
import type { ServedKey } from '../keys/served-key.ts';
import type { KeySource } from './key-source.ts';

/**
 * The keys of PEM files, in their order; only the public part of private keys. Each read reads the files
 * again.
 * @param paths at least one
 */
export function pemKeyFiles(paths: readonly string[]): KeySource {
  return {
    name: paths.map((path) => `--key-file ${path}`).join(', '),
    read: async () => {
      const byId = new Map<string, ServedKey>();
      for (const path of paths) {
        for (const publicKey of publicKeysFromPem(
          readSettingFile('--key-file', path),
          `--key-file ${path}`,
        )) {
          const kid = keyId(publicKey);
          byId.set(kid, { kid, publicKey });
        }
      }
      return [...byId.values()];
    },
  };
}
