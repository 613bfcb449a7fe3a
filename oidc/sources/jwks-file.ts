import { readSettingFile } from '../../lib/settings/settings.ts';
import { parseKeySetText, servedKeys } from '../keys/key-set.ts';
import type { KeySource } from './key-source.ts';

/** The keys of a JWKS file, with the ids in it. Each read reads the file again. */
export function jwksFile(path: string): KeySource {
  const name = `--jwks ${path}`;
  return {
    name,
    read: async () => servedKeys(parseKeySetText(readSettingFile('--jwks', path), name), name),
  };
}
