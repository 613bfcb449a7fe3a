/** An element of an XML document: its text, or the elements in it. Attributes and namespaces are not kept. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** The answers of STS are four elements deep. */
const MAX_DEPTH = 20;

/**
 * A tag with its white space and attributes, or the text up to the next tag. Answers of STS use nothing else
 * of XML (doctypes, comments, CDATA, processing instructions), so it is refused: a doctype can make a small
 * document huge.
 */
const TOKEN = /<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;

const DECLARATION = /^\uFEFF?\s*(?:<\?xml\s[^?<>]*\?>)?\s*/;

/**
 * Returns the root element of a small XML document; undefined if the document is not complete and
 * well-formed.
 */
export function parseXml(document: string): XmlElement | undefined {
  const root = { name: '', text: '', children: [] as XmlElement[] };
  const open = [root];
  TOKEN.lastIndex = DECLARATION.exec(document)?.[0].length ?? 0;
  while (TOKEN.lastIndex < document.length) {
    const [whole, closing, name = '', attributes, selfClosing, text] = TOKEN.exec(document) ?? [];
    const innermost = open.at(-1);
    if (whole === undefined || innermost === undefined) return undefined;
    if (text !== undefined) {
      const plain = unescaped(text);
      if (plain === undefined) return undefined;
      innermost.text += plain;
    } else if (closing) {
      if (innermost.name !== name || attributes || selfClosing || open.length === 1) return undefined;
      open.pop();
    } else {
      const element = { name, text: '', children: [] as XmlElement[] };
      innermost.children.push(element);
      if (!selfClosing) open.push(element);
      if (open.length > MAX_DEPTH) return undefined;
    }
  }
  const [element, ...others] = root.children;
  return open.length === 1 && others.length === 0 && root.text.trim() === '' ? element : undefined;
}

/**
 * Returns the element at a path of names below an element; undefined if a name is missing or occurs twice.
 */
export function elementAt(from: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let element = from;
  for (const name of path) {
    const [first, ...others] = element?.children.filter((child) => child.name === name) ?? [];
    element = others.length === 0 ? first : undefined;
  }
  return element;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Replaces the entities in a string; undefined if one is not predefined in XML. */
function unescaped(text: string): string | undefined {
  let isWhole = true;
  const plain = text.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w{1,10}));|&/gi,
    (_whole, hex, decimal, name) => {
      const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : undefined;
      const character =
        code === undefined ? ENTITIES[name] : code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
      if (character === undefined) isWhole = false;
      return character ?? '';
    },
  );
  return isWhole ? plain : undefined;
}
