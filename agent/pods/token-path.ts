/** Most characters of a token's path below its volume. */
const MAX_LENGTH = 1_024;

/** True for a relative path that stays below its folder. [k8s] the API server validates the same */
export function isTokenPath(path: string): boolean {
  const isName = (part: string) => part !== '' && part !== '.' && part !== '..';
  return path.length <= MAX_LENGTH && !path.includes('\0') && path.split('/').every(isName);
}
