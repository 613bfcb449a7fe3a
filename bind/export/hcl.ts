import { asArray, asObject } from '../../lib/json/json.ts';

const CODE_POINTS: Readonly<Record<string, string>> = { '\\b': '\\u0008', '\\f': '\\u000c' };

/**
 * Renders a string as a quoted template of HCL without interpolation. [HCL native syntax specification,
 * "Template Literals"]
 */
function hclString(text: string): string {
  // HCL has JSON's escapes, except \b and \f.
  const quoted = JSON.stringify(text).replace(/\\./g, (pair) => CODE_POINTS[pair] ?? pair);
  return quoted.replace(/[$%](?=\{)/g, (mark) => mark + mark);
}

/** Renders a JSON value as an expression of HCL, with its lines after the first indented. */
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

/** HCL that is written into a block as it is: a reference, a function call. */
interface HclExpression {
  readonly hcl: string;
}

/** Renders a block: `resource "aws_iam_role" "shop_web" { … }`. Undefined members are left out. */
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

/** Renders a policy as `jsonencode(…)`, which is easier to read and to diff than a string of JSON. */
export function jsonEncoded(value: unknown): HclExpression {
  return { hcl: `jsonencode(${hclValue(value, '  ')})` };
}

function isExpression(value: unknown): value is HclExpression {
  return typeof asObject(value)?.['hcl'] === 'string';
}
