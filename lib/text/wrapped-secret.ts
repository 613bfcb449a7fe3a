/** So much of a secret in one piece is no accident, and less of it is of no use. */
const WINDOW = 24;

/** What a server puts in by its way of writing: an escape such as `\n` or `\u200b`, an entity, a tag. */
const MARKUP = /\\(?:u[\da-f]{4}|x[\da-f]{2}|[^ux])|&#?\w{1,10};|<[^<>]{0,40}>/gi;
const SEPARATORS = /[^\w-]+/g;

/**
 * Whether a text holds a piece of a secret of 24 characters, whatever stands between the characters: a server may wrap the lines of what
 * it repeats, or cut it. Characters other than `[\w-]` count on neither side, so a secret that has fewer than 24 others is never found.
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
