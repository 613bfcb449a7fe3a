import { PodroleError } from '../lib/errors.ts';

/** Path of a group of resources: `/api/v1`, `/apis/apps/v1`. */
export type ApiRoot = '/api/v1' | `/apis/${string}`;

/**
 * Returns the path of a resource or of an object in the API server. Every part is encoded, so that a name
 * with `/`, `?` or `#` in it stays one part. A URL drops `.` and `..` even if they are encoded, so these are
 * refused.
 * @example apiPath('/api/v1', 'namespaces', namespace, 'serviceaccounts', name)
 * @throws PodroleError `INVALID_NAME`
 */
export function apiPath(root: ApiRoot, ...parts: readonly string[]): string {
  for (const part of parts) {
    if (part !== '' && part !== '.' && part !== '..') continue;
    throw new PodroleError({
      code: 'INVALID_NAME',
      object: `name ${JSON.stringify(part)} below ${root}`,
      problem: 'cannot be the name of an object, and would lead to another address',
      remedy: 'find out where it comes from: a flag, a file, or an object of the cluster',
    });
  }
  return [root, ...parts.map(encodeURIComponent)].join('/');
}
