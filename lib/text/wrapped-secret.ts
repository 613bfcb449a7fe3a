/** A piece of a secret this long is not there by chance, and a shorter one is of no use. */
const WINDOW = 24;

/** Additions of a server's format: an escape such as `\n` or `\u200b`, an entity, a tag. */
const MARKUP = /\\(?:u[\da-f]{4}|x[\da-f]{2}|[^ux])|&#?\w{1,10};|<[^<>]{0,40}>/gi;
const SEPARATORS = /[^\w-]+/g;

/**
 * Returns true if a text contains 24 characters in a row of a secret, whatever stands between them: a server
 * may wrap or cut what it repeats. Characters other than `[\w-]` are ignored on both sides, so a secret with
 * fewer than 24 of these is never found.
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
