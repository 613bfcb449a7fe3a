/**
 * Reads the wanted parts of a JSON document. JSON.parse can make twenty bytes of one: an object that its
 * tenant filled up to the limit would take most of a webhook's memory. Here unwanted parts are skipped, in
 * one pass and without a copy. The document must be well-formed, as the API server writes it. JSON.parse
 * checks the wanted parts.
 */

/** Wanted members: `true` for all of a member, or its wanted members. */
export interface Parts {
  readonly [member: string]: true | Parts;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];
const GREATEST_SPACE = 0x20;

/**
 * Returns the wanted parts of an object.
 * @throws SyntaxError if the document is malformed
 */
export function parseParts(json: Buffer, parts: Parts): unknown {
  return valueAt(json, afterSpace(json, 0), parts).value;
}

/**
 * Yields the elements of one member of an object, each with its wanted parts; none if the member is not an
 * array.
 */
export function* parseElements(json: Buffer, member: string, parts: true | Parts): Generator<unknown> {
  let at = memberAt(json, member);
  if (at === undefined || json[at] !== OPEN_ARRAY) return;
  at = afterSpace(json, at + 1);
  while (json[at] !== CLOSE_ARRAY) {
    const { value, end } = valueAt(json, at, parts);
    yield value;
    at = afterSeparator(json, end);
  }
}

interface Read {
  readonly value: unknown;
  /** Offset after the value. */
  readonly end: number;
}

function valueAt(json: Buffer, at: number, parts: true | Parts): Read {
  if (parts !== true && json[at] === OPEN_OBJECT) return objectAt(json, at, parts);
  const end = endOfValue(json, at);
  return { value: JSON.parse(json.toString('utf8', at, end)), end };
}

function objectAt(json: Buffer, begin: number, parts: Parts): Read {
  const value: Record<string, unknown> = {};
  let at = afterSpace(json, begin + 1);
  while (json[at] !== CLOSE_OBJECT) {
    const { key, valueBegin } = keyAt(json, at);
    const wanted = Object.hasOwn(parts, key) ? parts[key] : undefined;
    if (wanted === undefined) at = endOfValue(json, valueBegin);
    else {
      const read = valueAt(json, valueBegin, wanted);
      value[key] = read.value;
      at = read.end;
    }
    at = afterSeparator(json, at);
  }
  return { value, end: at + 1 };
}

/** Returns the offset of the value of a member of the whole object. */
function memberAt(json: Buffer, member: string): number | undefined {
  let at = afterSpace(json, 0);
  if (json[at] !== OPEN_OBJECT) return undefined;
  at = afterSpace(json, at + 1);
  while (json[at] !== CLOSE_OBJECT) {
    const { key, valueBegin } = keyAt(json, at);
    if (key === member) return valueBegin;
    at = afterSeparator(json, endOfValue(json, valueBegin));
  }
  return undefined;
}

function keyAt(json: Buffer, at: number): { readonly key: string; readonly valueBegin: number } {
  if (json[at] !== QUOTE) throw malformed('a member has no name', at);
  const end = endOfString(json, at);
  const colon = afterSpace(json, end);
  if (json[colon] !== COLON) throw malformed('a member has no value', colon);
  const written = json.toString('utf8', at + 1, end - 1);
  const key = written.includes('\\') ? String(JSON.parse(`"${written}"`)) : written;
  return { key, valueBegin: afterSpace(json, colon + 1) };
}

/** Counts brackets instead of using recursion: a document may be nested as deep as it is long. */
function endOfValue(json: Buffer, begin: number): number {
  let depth = 0;
  let at = begin;
  do {
    const byte = json[at];
    if (byte === undefined) throw malformed('it ends too early', at);
    if (byte === QUOTE) at = endOfString(json, at);
    else {
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
      else if (depth === 0) return endOfWord(json, at);
      at += 1;
    }
  } while (depth > 0);
  return at;
}

/** Returns the end of a number, true, false or null. */
function endOfWord(json: Buffer, begin: number): number {
  let at = begin;
  for (let byte = json[at]; byte !== undefined && byte > GREATEST_SPACE; byte = json[at]) {
    if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) break;
    at += 1;
  }
  if (at === begin) throw malformed('a value is missing', at);
  return at;
}

function endOfString(json: Buffer, begin: number): number {
  for (let at = begin + 1; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
  }
  throw malformed('a string does not end', begin);
}

function afterSpace(json: Buffer, begin: number): number {
  let at = begin;
  for (let byte = json[at]; byte !== undefined && byte <= GREATEST_SPACE; byte = json[at]) at += 1;
  return at;
}

/** Returns the offset of the next member or element after a comma, or of a closing bracket. */
function afterSeparator(json: Buffer, begin: number): number {
  const at = afterSpace(json, begin);
  const byte = json[at];
  if (byte === COMMA) return afterSpace(json, at + 1);
  if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) return at;
  throw malformed('neither a comma nor a closing bracket', at);
}

function malformed(problem: string, at: number): SyntaxError {
  return new SyntaxError(`JSON is malformed at byte ${at}: ${problem}`);
}
