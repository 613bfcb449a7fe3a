/**
 * Returns the names in the path of a request: `latest` and `meta-data` for `/latest//meta-data/?x`. SDKs send
 * paths with and without a slash at the end, and with two slashes between a base and a path. Names are
 * percent-decoded (a role name may contain `@` or `+`). Dot segments are names like any other, and nothing
 * here has such a name.
 * @returns undefined if it is not a path: a whole URL, as proxies get it (nothing is ever forwarded), `*`,
 *   broken percent-encoding, an encoded slash
 */
export function pathSegments(url: string): readonly string[] | undefined {
  if (!url.startsWith('/')) return undefined;
  const [path = ''] = url.split('?', 1);
  const segments = path.split('/').filter(Boolean);
  if (!path.includes('%')) return segments;
  try {
    const decoded = segments.map(decodeURIComponent);
    return decoded.some((segment) => segment.includes('/')) ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** True if the names are those of the given path, such as `/latest/api/token`. */
export function isPath(segments: readonly string[] | undefined, path: string): boolean {
  return segments !== undefined && `/${segments.join('/')}` === path;
}

/**
 * Returns the names as a path if that is the given one, such as `/v1/credentials`, or below it; else
 * undefined.
 */
export function pathBelow(segments: readonly string[] | undefined, path: string): string | undefined {
  const asked = segments && `/${segments.join('/')}`;
  return asked === path || asked?.startsWith(`${path}/`) ? asked : undefined;
}
