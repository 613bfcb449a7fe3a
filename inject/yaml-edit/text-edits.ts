import { placesIn } from '../../lib/text/place-in-text.ts';

/**
 * A piece of the source and its replacement; an insertion if start equals end. Offsets are in UTF-16 units.
 */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A structure that cannot be changed in place. */
export class NotEditable extends Error {}

/**
 * Returns the text after all edits. Insertions at one place keep their order, and come before a deletion that
 * begins there.
 */
export function applyEdits(source: string, edits: readonly TextEdit[]): string {
  const isDeletion = ({ start, end }: TextEdit) => (end > start ? 1 : 0);
  const ordered = edits.toSorted((a, b) => a.start - b.start || isDeletion(a) - isDeletion(b));
  let text = '';
  let at = 0;
  for (const edit of ordered) {
    if (edit.start < at) throw new NotEditable(`edits overlap at offset ${edit.start}`);
    text += source.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + source.slice(at);
}

/** Lines of the last text, kept because every edit asks for them and a line may be as long as the text. */
let known = { source: '', placeOf: placesIn('') };

/** Returns the offset at which the line begins. */
export function lineStart(source: string, offset: number): number {
  if (known.source !== source) known = { source, placeOf: placesIn(source) };
  return offset - known.placeOf(offset).column + 1;
}

/**
 * Returns the offset after the line break of the line with the last character before the offset, or the end
 * of the text.
 */
export function nextLine(source: string, offset: number): number {
  if (offset > 0 && source[offset - 1] === '\n') return offset;
  const lineBreak = source.indexOf('\n', offset);
  return lineBreak < 0 ? source.length : lineBreak + 1;
}

export function columnOf(source: string, offset: number): number {
  return offset - lineStart(source, offset);
}

/** Returns the offset of the first of the blanks that end at the offset. */
export function blanksStart(source: string, offset: number): number {
  let start = offset;
  while (source[start - 1] === ' ' || source[start - 1] === '\t') start--;
  return start;
}

/** True if only blanks are before the offset on its line. */
export function isFirstOnLine(source: string, offset: number): boolean {
  return /^[ \t]*$/.test(source.slice(lineStart(source, offset), offset));
}

/** Returns the blanks at the beginning of the offset's line. */
export function indentOf(source: string, offset: number): string {
  const start = lineStart(source, offset);
  return /^[ \t]*/.exec(source.slice(start, offset))?.[0] ?? '';
}
