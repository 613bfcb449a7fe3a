import { type Document, isCollection, isMap, isPair, isScalar, isSeq, type Node, visit } from 'yaml';
import { columnOf } from './text-edits.ts';

/** Layout of a document, so that additions look like the rest. */
export interface SourceStyle {
  readonly lineBreak: '\n' | '\r\n';
  /** Columns by which a nested mapping is indented. */
  readonly indentStep: number;
  /** Columns by which the dashes of a list are indented under its key. */
  readonly listStep: number;
  /** Columns from a dash to what follows it. */
  readonly dashWidth: number;
  /** JSON: keys and strings are quoted. */
  readonly json: boolean;
  /** Indentation of a nested level of JSON: blanks or a tab; empty if JSON is on one line. */
  readonly jsonIndent: string;
  /** JSON on one line has a blank after `:` and `,`. */
  readonly jsonSpaced: boolean;
  /** Flow mappings have a blank within their braces. */
  readonly paddedBraces: boolean;
  /** A string may take the empty lines after it (`|+`). */
  readonly hasOpenTexts: boolean;
}

/**
 * Returns the most frequent style in the document, by default that of `kubectl` and of the Kubernetes
 * documentation.
 */
export function styleOf(document: Document.Parsed, text: string): SourceStyle {
  const json = isJson(document);
  const [start, , end] = document.range;
  const source = text.slice(start, end);
  const steps = new Map<number, number>();
  const listSteps = new Map<number, number>();
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || !key.range || !isBlock(value)) return;
      const deeper = columnOf(text, value.range?.[0] ?? 0) - columnOf(text, key.range[0]);
      count(isSeq(value) ? listSteps : steps, deeper);
    },
  });
  const dashWidths = new Map<number, number>();
  for (const [, dash = ''] of source.matchAll(/^ *(- +)\S/gm)) count(dashWidths, dash.length);
  const listStep = Math.max(mostFrequent(listSteps) ?? 0, 0);
  return {
    lineBreak: source.includes('\r\n') ? '\r\n' : '\n',
    indentStep: Math.max(mostFrequent(steps) ?? (listStep || 2), 1),
    listStep,
    dashWidth: mostFrequent(dashWidths) ?? 2,
    json,
    jsonIndent: /\n([ \t]+)\S/.exec(source)?.[1] ?? '',
    jsonSpaced: /":\s/.test(source),
    hasOpenTexts: /[|>][1-9]?\+/.test(source),
    paddedBraces: !/\{[^\s}]/.test(source),
  };
}

function isJson({ contents }: Document.Parsed): boolean {
  if (!isCollection(contents) || !contents.flow) return false;
  const [first] = contents.items;
  return !isPair(first) || (isScalar(first.key) && first.key.type === 'QUOTE_DOUBLE');
}

function isBlock(value: unknown): value is Node {
  return (isMap(value) || isSeq(value)) && !value.flow && value.items.length > 0;
}

function count(counts: Map<number, number>, value: number): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

function mostFrequent(counts: ReadonlyMap<number, number>): number | undefined {
  const [first] = [...counts].sort(([, one], [, other]) => other - one);
  return first?.[0];
}
