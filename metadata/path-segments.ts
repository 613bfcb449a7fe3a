/**
 * The names in a request's path: `/latest//meta-data/?x` is `latest`, `meta-data`. SDKs ask with and without the slash at the end, and
 * double one where they join a base to a path. Percent-encoding is undone (a role name may hold `@` or `+`);
 * dot segments are names like any other, which nothing here has.
 * @returns undefined for what is no path: a whole URL as proxies get them (nothing is ever forwarded), `*`, broken percent-encoding, an encoded slash
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

/** Whether the names are those of a path of ours, such as `/latest/api/token`. */
export function isPath(segments: readonly string[] | undefined, path: string): boolean {
  return segments !== undefined && `/${segments.join('/')}` === path;
}

/** The names as a path, where that is a path of ours, such as `/v1/credentials`, or below it; undefined for any other. */
export function pathBelow(segments: readonly string[] | undefined, path: string): string | undefined {
  const asked = segments && `/${segments.join('/')}`;
  return asked === path || asked?.startsWith(`${path}/`) ? asked : undefined;
}
