/** First place at which a string is not JSON. */
export interface JsonFault {
  readonly offset: number;
  /** Part of JSON that could stand there: `a value`. */
  readonly expected: string;
}

type Expecting = 'value' | 'first item' | 'first name' | 'name' | 'after value';

const WHITE_SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
const COLON = /[ \t\n\r]*:/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/**
 * Finds the fault of a string that JSON.parse refuses, in linear time and without recursion. RFC 8259
 * @returns the end of the text if there is none
 */
export function findJsonFault(text: string): JsonFault {
  /** Brackets that will close what is open. */
  const open: ('}' | ']')[] = [];
  let expecting: Expecting = 'value';
  let at = 0;
  const ends = (pattern: RegExp): number | undefined => {
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : undefined;
  };
  for (;;) {
    at = ends(WHITE_SPACE) ?? at;
    const close = open.at(-1);
    const character = text[at];
    if (expecting === 'after value') {
      if (close === undefined) return { offset: at, expected: 'the end' };
      if (character === ',') expecting = close === '}' ? 'name' : 'value';
      else if (character === close) open.pop();
      else return { offset: at, expected: `a comma or ${close}` };
      at += 1;
    } else if (character === close && (expecting === 'first item' || expecting === 'first name')) {
      open.pop();
      expecting = 'after value';
      at += 1;
    } else if (expecting === 'name' || expecting === 'first name') {
      if (character !== '"') return { offset: at, expected: 'a name in double quotes' };
      const name = stringEnd(text, at);
      if (typeof name !== 'number') return name;
      at = name;
      const colon = ends(COLON);
      if (colon === undefined) return { offset: at, expected: 'a colon' };
      at = colon;
      expecting = 'value';
    } else if (character === '{' || character === '[') {
      open.push(character === '{' ? '}' : ']');
      expecting = character === '{' ? 'first name' : 'first item';
      at += 1;
    } else {
      const end = character === '"' ? stringEnd(text, at) : (ends(NUMBER) ?? ends(LITERAL));
      if (end === undefined) return { offset: at, expected: 'a value' };
      if (typeof end !== 'number') return end;
      at = end;
      expecting = 'after value';
    }
  }
}

/** Returns the offset after a string that begins at an offset. */
function stringEnd(text: string, begin: number): number | JsonFault {
  for (let at = begin + 1; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') return at + 1;
    if (character === '\\') {
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(text)) return { offset: at, expected: 'an escape of JSON, such as \\n or \\u000a' };
      at = ESCAPE.lastIndex - 1;
    } else if (text.charCodeAt(at) < 0x20) {
      return { offset: at, expected: 'the " that ends the string' };
    }
  }
  return { offset: text.length, expected: 'the " that ends the string' };
}
