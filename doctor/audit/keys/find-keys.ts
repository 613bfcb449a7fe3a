/** A key ID found in a string, with whether something that may be its secret is there too. */
export interface FoundKey {
  /** `AKIA…WXYZ`. */
  readonly maskedKeyId: string;
  readonly hasSecret: boolean;
}

/**
 * ID of a long-lived access key of a user. [iam] "Unique identifiers": AKIA. A session's key, ASIA, ends by
 * itself. An escape such as `\\n` of JSON may stand before it.
 */
const KEY_ID = /(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))AKIA[A-Z0-9]{16}(?![A-Za-z0-9])/g;
/** A secret access key has 40 characters of base64. `NAME=` may stand before it, or an escape of JSON. */
const SECRET = /(?:(?<![\w+/-])|(?<=\\[nrt]))[A-Za-z0-9+/]{40}(?![\w+/=-])/g;
/** Base64, also in lines: long enough for a key ID. */
const BASE64 = /[A-Za-z0-9+/_-]{24,}={0,2}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]{4,}={0,2})*/g;
/** Most different keys of one text. */
const MAX_KEYS = 20;

/**
 * Finds static keys of AWS in a string, also in base64 within it, once and twice: files such as
 * `.aws/credentials`, JSON, variables. Neither the key ID nor the secret is returned.
 */
export function findKeys(text: string): readonly FoundKey[] {
  const layers = withDecoded(text);
  const ids = new Set<string>();
  for (const layer of layers) {
    for (const [id] of layer.matchAll(KEY_ID)) {
      ids.add(id);
      if (ids.size >= MAX_KEYS) break;
    }
  }
  if (ids.size === 0) return [];
  const hasSecret = layers.some(holdsSecret);
  return [...ids].map((id) => ({ maskedKeyId: masked(id), hasSecret }));
}

/** Masks the key IDs in a string that is printed, such as the name of a member. */
export function maskKeyIds(text: string): string {
  return text.replace(KEY_ID, masked);
}

function masked(id: string): string {
  return `AKIA…${id.slice(-4)}`;
}

/** True if a string may hold a secret access key. */
export function holdsSecret(text: string): boolean {
  for (const [found] of text.matchAll(SECRET))
    if (/[a-z]/.test(found) && /[A-Z]/.test(found) && /\d/.test(found)) return true;
  return false;
}

/** Returns the text, what its base64 decodes to, and what base64 in that decodes to. */
function withDecoded(text: string): readonly string[] {
  const once = decodedIn(text);
  return [text, once, decodedIn(once)];
}

function decodedIn(text: string): string {
  const parts: string[] = [];
  for (const [found] of text.matchAll(BASE64)) parts.push(Buffer.from(found, 'base64').toString('latin1'));
  return parts.join('\n');
}
