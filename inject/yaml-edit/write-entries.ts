import type { Entry } from './source-geometry.ts';
import type { SourceStyle } from './source-style.ts';
import {
  columnOf,
  indentOf,
  isFirstOnLine,
  lineStart,
  NotEditable,
  nextLine,
  type TextEdit,
} from './text-edits.ts';

/** A change of the entries of a list or a mapping, in order. */
export type Step =
  /**
   * `edit` is called when the step is reached. It changes a kept entry within, and notes the anchors of a
   * removed one.
   */
  | { readonly kind: 'keep' | 'remove'; readonly at: number; readonly edit: () => void }
  | { readonly kind: 'insert'; readonly entry: NewEntry };

/** A list item or a member that is added. */
export interface NewEntry {
  /** Returns its lines in block style, without the indentation of the collection. */
  readonly lines: () => readonly string[];
  /** Returns its text in flow style. @param indent as for flowText */
  readonly flow: (indent: string | undefined) => string;
}

export interface Sheet {
  readonly source: string;
  readonly style: SourceStyle;
  readonly edits: TextEdit[];
}

/** Writes the steps into a collection whose entries have lines of their own. */
export function writeBlock(
  { source, style, edits }: Sheet,
  entries: readonly Entry[],
  steps: readonly Step[],
): void {
  const first = entries[0];
  if (!first) throw new NotEditable('a block collection has entries');
  const column = columnOf(source, first.start);
  let previous: Entry | undefined;
  let isAnyKept = false;
  for (const step of steps) {
    if (step.kind === 'insert') {
      const offset = previous ? nextLine(source, previous.end) : startOf(first);
      insertLines({ source, style, edits }, offset, step.entry.lines(), column);
      continue;
    }
    step.edit();
    previous = entryAt(entries, step.at);
    if (step.kind === 'keep') isAnyKept = true;
    else edits.push({ ...removal(previous, entries[step.at + 1]), text: '' });
  }

  function startOf(entry: Entry): number {
    if (!isFirstOnLine(source, entry.start))
      throw new NotEditable('nothing can be put before what follows a dash');
    return commentsAbove(lineStart(source, entry.start));
  }

  /**
   * Comments above an entry, with the same indentation, are about that entry: an insertion before it comes
   * before them.
   */
  function commentsAbove(start: number): number {
    const comment = `${' '.repeat(column)}#`;
    let from = start;
    while (from > 0) {
      const above = lineStart(source, from - 1);
      if (!source.startsWith(comment, above)) break;
      from = above;
    }
    return from;
  }

  /**
   * Returns its lines. If it follows the dash of an outer list, the range ends at the next entry, which takes
   * its place.
   */
  function removal(entry: Entry, next: Entry | undefined): Entry {
    if (!isAnyKept && !isFirstOnLine(source, first?.start ?? 0)) {
      if (!next) throw new NotEditable('the last entry behind a dash');
      return { start: entry.start, end: next.start };
    }
    const end = nextLine(source, entry.end);
    // A string that takes every empty line (`|+`) would get those after the removed entry.
    const emptyLines = style.hasOpenTexts ? /^(?:[ \t]*\r?\n)*/.exec(source.slice(end))?.[0].length : 0;
    return { start: lineStart(source, entry.start), end: end + (emptyLines ?? 0) };
  }
}

function entryAt(entries: readonly Entry[], at: number): Entry {
  const entry = entries[at];
  if (!entry) throw new NotEditable('a step names an entry that exists');
  return entry;
}

/**
 * Inserts lines at an offset where a line begins, or at the end of the text, whose last line may lack its
 * break. A string in block style (`|`) that ends there has its break anyway: kubectl adds one to the last
 * line, and so does `yaml`.
 */
export function insertLines(
  { source, style: { lineBreak }, edits }: Sheet,
  offset: number,
  lines: readonly string[],
  column: number,
): void {
  const text = lines.map((line) => ' '.repeat(column) + line).join(lineBreak);
  const isNewLine = offset === 0 || source[offset - 1] === '\n';
  edits.push({ start: offset, end: offset, text: isNewLine ? text + lineBreak : lineBreak + text });
}

/** Writes the steps into a collection in brackets or braces that has at least one entry. */
export function writeFlow(
  { source, style, edits }: Sheet,
  entries: readonly Entry[],
  steps: readonly Step[],
): void {
  const firstKept = steps.flatMap((step) => (step.kind === 'keep' ? [entries[step.at]] : []))[0];
  let previousKept: Entry | undefined;
  let previous: Entry | undefined;
  for (const step of steps) {
    if (step.kind === 'insert') insert(step.entry);
    else {
      const entry = entryAt(entries, step.at);
      step.edit();
      if (step.kind === 'keep') previousKept = entry;
      else edits.push({ ...removal(entry, step.at), text: '' });
      previous = entry;
    }
  }

  function removal(entry: Entry, at: number): Entry {
    if (previousKept && previous) return { start: previous.end, end: entry.end };
    const next = entries[at + 1];
    if (!next) throw new NotEditable('the only entry in brackets');
    return { start: entry.start, end: next.start };
  }

  function insert(entry: NewEntry): void {
    const neighbour = previousKept ?? firstKept;
    if (!neighbour) throw new NotEditable('no entry of the brackets is kept');
    const ownLine = isFirstOnLine(source, neighbour.start);
    const indent = ownLine ? indentOf(source, neighbour.start) : undefined;
    const blank = style.json && !style.jsonSpaced ? '' : ' ';
    const separator = indent === undefined ? `,${blank}` : `,${style.lineBreak}${indent}`;
    const text = entry.flow(indent);
    const offset = previousKept ? previousKept.end : neighbour.start;
    edits.push({ start: offset, end: offset, text: previousKept ? separator + text : text + separator });
  }
}
