import { asArray, asObject } from '../../lib/json/json.ts';

const CODE_POINTS: Readonly<Record<string, string>> = { '\\b': '\\u0008', '\\f': '\\u000c' };

/**
 * A text as a quoted template of HCL, in which nothing is interpolated. [HCL native syntax specification, "Template Literals"]
 */
function hclString(text: string): string {
  // JSON's escapes are HCL's, but for \b and \f.
  const quoted = JSON.stringify(text).replace(/\\./g, (sign) => CODE_POINTS[sign] ?? sign);
  return quoted.replace(/[$%](?=\{)/g, (mark) => mark + mark);
}

/** A JSON value as an expression of HCL, its lines after the first indented. */
export function hclValue(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  const items = asArray(value);
  if (items) {
    if (items.length === 0) return '[]';
    const lines = items.map((item) => `${inner}${hclValue(item, inner)},\n`);
    return `[\n${lines.join('')}${indent}]`;
  }
  const object = asObject(value);
  if (object) {
    const entries = Object.entries(object);
    if (entries.length === 0) return '{}';
    const lines = entries.map(([key, item]) => `${inner}${hclString(key)} = ${hclValue(item, inner)}\n`);
    return `{\n${lines.join('')}${indent}}`;
  }
  return typeof value === 'string' ? hclString(value) : JSON.stringify(value);
}

/** Text that stands in a block as it is: a reference, a call of a function. */
interface HclExpression {
  readonly hcl: string;
}

/** A block: `resource "aws_iam_role" "shop_web" { … }`. Undefined members are left out. */
export function hclBlock(
  type: string,
  labels: readonly string[],
  members: Readonly<Record<string, unknown>>,
  blocks: readonly string[] = [],
): string {
  const head = [type, ...labels.map(hclString)].join(' ');
  const lines = Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name} = ${isExpression(value) ? value.hcl : hclValue(value, '  ')}\n`],
  );
  const nested = blocks.map((block) => block.replace(/^(?=.)/gm, '  '));
  return `${head} {\n${[...lines, ...nested].join('')}}\n`;
}

/** A policy as `jsonencode(…)`, which is read and diffed better than a text in JSON. */
export function jsonEncoded(value: unknown): HclExpression {
  return { hcl: `jsonencode(${hclValue(value, '  ')})` };
}

function isExpression(value: unknown): value is HclExpression {
  return typeof asObject(value)?.['hcl'] === 'string';
}
