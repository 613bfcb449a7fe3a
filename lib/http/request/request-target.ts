/** Target of a request, taken apart. */
export interface RequestTarget {
  /** Path with query, as it was sent; anything but a path for other forms, such as `*`. */
  readonly url: string;
  /** Host and port of a target that is a whole URL. */
  readonly authority: string | undefined;
}

/**
 * Takes a request target apart. Some clients send a whole URL to any server as they would to a proxy, and
 * servers must accept it. RFC 9112, section 3.2.2. Only `http:` is taken apart: no server behind this
 * function serves another scheme.
 */
export function requestTarget(sent: string): RequestTarget {
  if (!/^http:\/\//i.test(sent)) return { url: sent, authority: undefined };
  const rest = sent.slice('http://'.length);
  const end = rest.search(/[/?#\\]/);
  if (end === -1) return { url: '/', authority: rest };
  const path = rest.slice(end);
  return { url: path.startsWith('?') ? `/${path}` : path, authority: rest.slice(0, end) };
}
