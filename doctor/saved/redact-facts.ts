import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { redactSecrets } from '../../lib/text/redact.ts';

const REMOVED = '[redacted]';
/** Deeper than any fact that podrole makes; what a server nests deeper is cut. */
const MAX_DEPTH = 100;

/** Members of a JSON Web Key that only its owner may have. RFC 7518, sections 6.2.2, 6.3.2 and 6.4 */
const PRIVATE_MEMBERS = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']);

/**
 * Returns facts without anything that looks like a token, a key or a secret, whichever field holds it. The
 * collectors keep no secret: this is the second look, before a file leaves the machine. The modulus of a
 * published key goes too, since it looks like a session token; no link judges it.
 */
export function redactFacts(value: unknown, depth = 0): unknown {
  const text = asText(value);
  if (text !== undefined) return redactSecrets(text);
  const items = asArray(value);
  const object = asObject(value);
  if (!items && !object) return value;
  if (depth === MAX_DEPTH) return REMOVED;
  if (items) return items.map((item) => redactFacts(item, depth + 1));
  return object && redactObject(object, depth);
}

function redactObject(object: JsonObject, depth: number): JsonObject {
  const isKey = asText(object['kty']) !== undefined;
  const members = Object.entries(object).map(([name, value]) => {
    if (isKey && PRIVATE_MEMBERS.has(name)) return [name, REMOVED];
    return [redactSecrets(name), redactFacts(value, depth + 1)];
  });
  return Object.fromEntries(members);
}
