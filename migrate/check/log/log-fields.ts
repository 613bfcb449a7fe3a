import { asObject, asText } from '../../../lib/json/json.ts';

/** Fields of a line of logrus, by name. Values are strings, as they are written. */
export type LogFields = ReadonlyMap<string, string>;

/** Longer lines are not read: a request with a path of this length is nobody's SDK. */
const MAX_LINE_CHARACTERS = 16 * 1024;
const MAX_FIELDS = 64;

/**
 * Parses a line that logrus wrote without a terminal, as text or as JSON. [logrus] text_formatter.go
 *
 * The client of the proxy chooses the path, which stands in the message too. logrus quotes both, so that a
 * path cannot pose as another field. A line that is not quoted in this way, such as one for a terminal, or
 * that has a field twice, is not read at all.
 * @returns undefined for a line that is not one of these
 */
export function logFields(line: string): LogFields | undefined {
  if (line.length > MAX_LINE_CHARACTERS) return undefined;
  return line.startsWith('{') ? jsonFields(line) : textFields(line);
}

function jsonFields(line: string): LogFields | undefined {
  let object: ReturnType<typeof asObject>;
  try {
    object = asObject(JSON.parse(line));
  } catch {
    return undefined;
  }
  if (!object) return undefined;
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(object)) {
    const text = typeof value === 'number' ? String(value) : asText(value);
    if (text !== undefined) fields.set(name, text);
  }
  return fields;
}

const NAME = /^[\w.-]{1,100}$/;
/** Characters that logrus leaves without quotes; its older versions know fewer. */
const BARE = /^[\w./@^+-]*$/;
const CONTROL = /\p{Cc}/u;

function textFields(line: string): LogFields | undefined {
  if (CONTROL.test(line)) return undefined;
  const fields = new Map<string, string>();
  for (let at = 0; at < line.length; ) {
    const equals = line.indexOf('=', at);
    const name = line.slice(at, Math.max(equals, at));
    const value = NAME.test(name) ? valueAt(line, equals + 1) : undefined;
    if (!value || fields.has(name) || fields.size === MAX_FIELDS) return undefined;
    fields.set(name, value.text);
    at = value.end + 1;
  }
  return fields.has('level') ? fields : undefined;
}

/** Returns undefined if no space or end of the line follows. */
function valueAt(line: string, at: number): { readonly text: string; readonly end: number } | undefined {
  const isQuoted = line[at] === '"';
  const end = isQuoted ? endOfQuoted(line, at) : line.indexOf(' ', at);
  const value = { text: line.slice(at, end < 0 ? undefined : end), end: end < 0 ? line.length : end };
  if (!isQuoted) return BARE.test(value.text) ? value : undefined;
  if (!value.text.endsWith('"') || value.text.length < 2) return undefined;
  if (value.end < line.length && line[value.end] !== ' ') return undefined;
  return { text: value.text.slice(1, -1).replace(/\\(["\\])/g, '$1'), end: value.end };
}

/** Returns the offset behind the closing quote; -1 if there is none. */
function endOfQuoted(line: string, start: number): number {
  for (let at = start + 1; at < line.length; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '"') return at + 1;
  }
  return -1;
}
