import { type Document, isCollection, isMap, isPair, isScalar, isSeq, type Node, visit } from 'yaml';
import { columnOf } from './text-edits.ts';

/** How a document is laid out, so that what is added looks like what is there. */
export interface SourceStyle {
  readonly lineBreak: '\n' | '\r\n';
  /** Columns by which a nested mapping is indented. */
  readonly indentStep: number;
  /** Columns by which the dashes of a list are indented under its key. */
  readonly listStep: number;
  /** Columns from a dash to what follows it. */
  readonly dashWidth: number;
  /** JSON: keys and texts are quoted. */
  readonly json: boolean;
  /** What a nested level of JSON is indented by: blanks or a tab; empty where JSON is written on one line. */
  readonly jsonIndent: string;
  /** Whether JSON on one line has a blank behind `:` and `,`. */
  readonly jsonSpaced: boolean;
  /** Whether there is a blank within the braces of a flow mapping. */
  readonly paddedBraces: boolean;
  /** Whether there may be a text with the empty lines behind it (`|+`). */
  readonly hasOpenTexts: boolean;
}

/** The style that is seen most often in the document; that of `kubectl` and of the Kubernetes documentation where nothing tells. */
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
