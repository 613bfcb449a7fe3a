/** Length of a piece of a secret that cannot be a coincidence. An attacker cannot use a shorter piece. */
const WINDOW = 24;

/** Markup that the format of a server adds: an escape such as `\n` or `\u200b`, an entity, a tag. */
const MARKUP = /\\(?:u[\da-f]{4}|x[\da-f]{2}|[^ux])|&#?\w{1,10};|<[^<>]{0,40}>/gi;
const SEPARATORS = /[^\w-]+/g;

/**
 * Returns true if a string contains 24 consecutive characters of a secret, even with markup between them: a
 * server may wrap or cut the secret when it repeats it. Characters other than `[\w-]` are ignored in both
 * strings, so a secret with fewer than 24 characters of `[\w-]` is never found.
 */
export function holdsPieceOf(text: string, secret: string): boolean {
  const bare = secret.replace(SEPARATORS, '');
  const pieces = new Set<string>();
  for (let at = 0; at + WINDOW <= bare.length; at += 1) pieces.add(bare.slice(at, at + WINDOW));
  return pieces.size > 0 && [text, text.replace(MARKUP, ' ')].some((read) => holdsOneOf(read, pieces));
}

function holdsOneOf(text: string, pieces: ReadonlySet<string>): boolean {
  const bare = text.replace(SEPARATORS, '');
  for (let at = 0; at + WINDOW <= bare.length; at += 1) {
    if (pieces.has(bare.slice(at, at + WINDOW))) return true;
  }
  return false;
}
