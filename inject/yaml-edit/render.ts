import { Document, type Scalar } from 'yaml';
import { asArray } from '../../lib/json/json.ts';
import type { SourceStyle } from './source-style.ts';
import { customTags, Verbatim } from './verbatim.ts';

/**
 * Quotes strings that YAML 1.1 would read as another type, and strings of several lines. Lines are not
 * folded.
 */
const WRITING = {
  compat: 'yaml-1.1',
  lineWidth: 0,
  blockQuote: false,
  aliasDuplicateObjects: false,
  customTags,
} as const;

/** Returns the lines of a value in block style, the first without indentation. */
export function blockLines(value: unknown, style: SourceStyle): string[] {
  if (!takesLines(value)) return [lineText(value)];
  const list = asArray(value);
  return list
    ? list.flatMap((item) => itemLines(item, style))
    : Object.entries(value).flatMap(([key, member]) => memberLines(key, member, style));
}

/** Returns the lines of a list item in block style. */
export function itemLines(item: unknown, style: SourceStyle): string[] {
  return blockLines(item, style).map((line, at) => (at === 0 ? '-' : '').padEnd(style.dashWidth) + line);
}

/** Returns the lines of a member of a mapping in block style. */
export function memberLines(key: string, value: unknown, style: SourceStyle): string[] {
  const name = `${flowText(key, style, undefined)}:`;
  if (!takesLines(value)) return [`${name} ${lineText(value)}`];
  const indent = ' '.repeat(Array.isArray(value) ? style.listStep : style.indentStep);
  return [name, ...blockLines(value, style).map((line) => indent + line)];
}

/** Renders a scalar, or an empty list or mapping, outside of brackets. */
function lineText(value: unknown): string {
  return new Document(value, WRITING).toString(WRITING).trimEnd();
}

/** True for a list or a mapping that is not empty: in block style it takes lines of its own. */
export function takesLines(value: unknown): value is object {
  const isCollection = typeof value === 'object' && value !== null && !(value instanceof Verbatim);
  return isCollection && Object.keys(value).length > 0;
}

/**
 * Renders a value in flow style, on one line except in JSON with several lines.
 * @param indent blanks at the beginning of the value's line; undefined: write one line
 */
export function flowText(value: unknown, style: SourceStyle, indent: string | undefined): string {
  if (style.json && indent !== undefined && style.jsonIndent) {
    return JSON.stringify(value, null, style.jsonIndent).replaceAll('\n', `${style.lineBreak}${indent}`);
  }
  if (style.json && !style.jsonSpaced) return JSON.stringify(value);
  const document = new Document(value, WRITING);
  const text = document.toString({
    ...WRITING,
    collectionStyle: 'flow',
    flowCollectionPadding: style.paddedBraces && !style.json,
    ...(style.json
      ? { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE', doubleQuotedAsJSON: true }
      : {}),
  });
  return text.trimEnd();
}

/** Renders a member of a flow mapping: `key: value`. */
export function flowMember(
  key: string,
  value: unknown,
  style: SourceStyle,
  indent: string | undefined,
): string {
  const spaced = !style.json || style.jsonSpaced;
  return `${flowText(key, style, undefined)}:${spaced ? ' ' : ''}${flowText(value, style, indent)}`;
}

/** Renders a scalar in the quotes of the one that it replaces, if they can hold it. */
export function scalarText(
  value: unknown,
  style: SourceStyle,
  before: Scalar.Type | undefined,
  inFlow: boolean,
): string {
  if (typeof value === 'string') {
    if (before === 'QUOTE_DOUBLE') return JSON.stringify(value);
    if (before === 'QUOTE_SINGLE' && /^[ -&(-~]*$/.test(value)) return `'${value}'`;
  }
  return inFlow ? flowText(value, style, undefined) : lineText(value);
}
