import { PodroleError } from '../../lib/errors.ts';

/**
 * The parts of a document's path as a web server finds it on its disk: `/clusters/one%20two/keys` has three.
 * @throws PodroleError `INVALID_ISSUER` where a part can't be a name below the root
 */
export function documentPath(path: string): readonly string[] {
  const parts = path.split('/').filter(Boolean).map(decodePart);
  if (parts.every((part) => part !== undefined && !/^\.{1,2}$|[/\\\0]/.test(part)))
    return parts as readonly string[];
  throw new PodroleError({
    code: 'INVALID_ISSUER',
    object: `path ${path}`,
    problem: 'has a part that is no file name',
    remedy: 'choose an issuer whose path has letters, digits and hyphens',
  });
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
