/**
 * Parts of a JSON text, without what else it holds. JSON.parse makes some twenty bytes of one: an object of the API server that its
 * tenant filled up to the limit would be most of a webhook's memory. Here everything that is not wanted is only passed over, in one
 * pass and without a copy. Well-formed JSON is expected, as the API server writes it; what is wanted is checked by JSON.parse.
 */

/** The members that are wanted: `true` for all of a member, or the members of it that are wanted. */
export interface Parts {
  readonly [member: string]: true | Parts;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];
const GREATEST_SPACE = 0x20;

/**
 * The wanted parts of an object.
 * @throws SyntaxError where the text is not an object
 */
export function parseParts(json: Buffer, parts: Parts): unknown {
  return valueAt(json, afterSpace(json, 0), parts).value;
}

/** The elements of one member of an object, one at a time, each with its wanted parts; none where the member is absent or no array. */
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
  /** Where the text goes on after it. */
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

/** Where the value of a member of the whole object begins. */
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

/** By counting brackets, not by recursion: a text may be nested as deep as it is long. */
function endOfValue(json: Buffer, begin: number): number {
  let depth = 0;
  let at = begin;
  do {
    const byte = json[at];
    if (byte === undefined) throw malformed('the text ends too early', at);
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

/** Of a number, true, false or null. */
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

/** After a comma the next member or element begins; else the bracket that closes is to stand there. */
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
