import { PodroleError } from '../../lib/errors.ts';

/**
 * Splits a document's URL path into file names, as a web server does: `/clusters/one%20two/keys` has three.
 * @throws PodroleError `INVALID_ISSUER` if a part cannot be the name of a file below the root
 */
export function documentPath(path: string): readonly string[] {
  const parts = path.split('/').filter(Boolean).map(decodePart);
  if (parts.every((part) => part !== undefined && !/^\.{1,2}$|[/\\\0]/.test(part)))
    return parts as readonly string[];
  throw new PodroleError({
    code: 'INVALID_ISSUER',
    object: `path ${path}`,
    problem: 'has a part that cannot be a file name',
    remedy: 'choose an issuer whose path has only letters, digits and hyphens',
  });
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
