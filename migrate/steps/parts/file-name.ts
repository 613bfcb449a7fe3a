import { cutWithHash } from '../../../lib/text/cut-with-hash.ts';

/** File systems accept 255 bytes; the rest is for an extension and a number. */
const MAX_LENGTH = 200;

/** Returns the file name, without extension, for an object whose name is valid: `deployment-web`. */
export function objectFileName(kind: string, name: string): string {
  return cutWithHash(`${kind.toLowerCase()}-${name}`, MAX_LENGTH);
}
