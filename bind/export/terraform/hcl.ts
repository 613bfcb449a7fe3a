import { asArray, asObject } from '../../../lib/json/json.ts';

const CODE_POINTS: Readonly<Record<string, string>> = { '\\b': '\\u0008', '\\f': '\\u000c' };

/** Key that needs no quotes. A hyphen is allowed, but read as a minus by people. */
const BARE_KEY = /^(?!(?:for|null|true|false)$)[A-Za-z_]\w*$/;

/** HCL that is written as it is, such as a reference. A class, because a policy may hold any object. */
export class HclExpression {
  readonly hcl: string;

  constructor(hcl: string) {
    this.hcl = hcl;
  }
}

/** Returns the content of a quoted template. [HCL native syntax specification, "Template Literals"] */
function hclContent(text: string): string {
  // HCL has JSON's escapes, except \b and \f.
  const quoted = JSON.stringify(text).replace(/\\./g, (pair) => CODE_POINTS[pair] ?? pair);
  return quoted.slice(1, -1).replace(/[$%](?=\{)/g, (mark) => mark + mark);
}

function hclString(text: string): string {
  return `"${hclContent(text)}"`;
}

/** Renders a value as an expression of HCL, with its lines after the first indented. */
export function hclValue(value: unknown, indent = ''): string {
  if (value instanceof HclExpression) return value.hcl;
  const inner = `${indent}  `;
  const items = asArray(value);
  if (items) {
    if (items.length === 0) return '[]';
    const lines = items.map((item) => `${inner}${hclValue(item, inner)},\n`);
    return `[\n${lines.join('')}${indent}]`;
  }
  const object = asObject(value);
  if (object) {
    const entries = Object.entries(object).map(([key, item]): Assignment => [keyOf(key), item]);
    return entries.length === 0 ? '{}' : `{\n${assignments(entries, inner)}${indent}}`;
  }
  return typeof value === 'string' ? hclString(value) : JSON.stringify(value);
}

/** Renders a block: `resource "aws_iam_role" "shop_web" { … }`. Undefined members are left out. */
export function hclBlock(
  type: string,
  labels: readonly string[],
  members: Readonly<Record<string, unknown>>,
  blocks: readonly string[] = [],
): string {
  const head = [type, ...labels.map(hclString)].join(' ');
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  const nested = blocks.map((block) => block.replace(/^(?=.)/gm, '  '));
  return `${head} {\n${assignments(given, '  ')}${nested.join('')}}\n`;
}

/** Renders a policy as `jsonencode(…)`, which is easier to read and to diff than a string of JSON. */
export function jsonEncoded(value: unknown): HclExpression {
  return new HclExpression(`jsonencode(${hclValue(value, '  ')})`);
}

/**
 * Returns a string in which each text that has a reference is replaced by it; the string itself if there is
 * none.
 * @param references expressions by the text that they stand for, such as the ARN of a resource
 */
export function withReferences(
  text: string,
  references: ReadonlyMap<string, string>,
  separators: RegExp,
): string | HclExpression {
  const whole = references.get(text);
  if (whole !== undefined) return new HclExpression(whole);
  const parts = text.split(separators);
  if (!parts.some((part) => references.has(part))) return text;
  const rendered = parts.map((part) => {
    const reference = references.get(part);
    return reference === undefined ? hclContent(part) : `$${'{'}${reference}}`;
  });
  return new HclExpression(`"${rendered.join('')}"`);
}

type Assignment = readonly [key: string, value: unknown];

/** Renders lines of `key = value`, with the signs aligned as `terraform fmt` does. */
function assignments(entries: readonly Assignment[], indent: string): string {
  const rendered = entries.map(([key, value]) => ({ key, value: hclValue(value, indent) }));
  // A value of several lines is not aligned, and ends a group.
  const widths: number[] = [];
  let group: number[] = [];
  const close = () => {
    const width = Math.max(0, ...group.map((at) => columns(rendered[at]?.key ?? '')));
    for (const at of group) widths[at] = width;
    group = [];
  };
  for (const [at, { value }] of rendered.entries()) {
    if (value.includes('\n')) close();
    else group.push(at);
  }
  close();
  return rendered
    .map(({ key, value }, at) => {
      const padding = ' '.repeat(Math.max(0, (widths[at] ?? 0) - columns(key)));
      return `${indent}${key}${padding} = ${value}\n`;
    })
    .join('');
}

const CHARACTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });

function columns(text: string): number {
  return [...CHARACTERS.segment(text)].length;
}

function keyOf(key: string): string {
  return BARE_KEY.test(key) ? key : hclString(key);
}
