import { isCollection, isScalar, type Node } from 'yaml';
import { blockLines, flowText, scalarText, takesLines } from './render.ts';
import { endOf, rangeOf } from './source-geometry.ts';
import { blanksStart, columnOf, indentOf, isFirstOnLine, NotEditable, nextLine } from './text-edits.ts';
import { insertLines, type Sheet } from './write-entries.ts';

/** Place of a node. */
export interface Slot {
  /** Within brackets or braces. */
  readonly inFlow: boolean;
  /** Absent for an item of a list. */
  readonly member?: {
    /** Column of its mapping. */
    readonly column: number;
    /** Offset of its key. */
    readonly start: number;
    /** Offset after its colon and the value's anchor and tag. */
    readonly colonEnd: number | undefined;
  };
}

/** Replaces the value of a node, and keeps its anchor. */
export function replaceValue(sheet: Sheet, node: Node, value: unknown, slot: Slot): void {
  const { source, style } = sheet;
  const { member } = slot;
  const isOneLine = !takesLines(value);
  if (isCollection(node) && !node.flow) {
    // Only an empty collection ever replaces lines.
    if (!isOneLine || member?.colonEnd === undefined) throw new NotEditable('lines in place of lines');
    replaceLines(sheet, node, member.colonEnd, flowText(value, style, undefined));
  } else if (isOneLine) {
    replaceInline(sheet, node, scalarText(value, style, isScalar(node) ? node.type : undefined, slot.inFlow));
  } else if (slot.inFlow) {
    const hasOwnLine = member && isFirstOnLine(source, member.start);
    replaceInline(
      sheet,
      node,
      flowText(value, style, hasOwnLine ? indentOf(source, member.start) : undefined),
    );
  } else if (member) {
    const deeper = Array.isArray(value) ? style.listStep : style.indentStep;
    replaceByLines(sheet, node, blockLines(value, style), member.column + deeper);
  } else {
    const indent = ' '.repeat(columnOf(source, rangeOf(node)[0]));
    replaceInline(sheet, node, blockLines(value, style).join(style.lineBreak + indent));
  }
}

function replaceInline({ source, style, edits }: Sheet, node: Node, text: string): void {
  const [start, end] = rangeOf(node);
  // The value is missing: `key:`.
  const blank = start === end && /\S/.test(source[start - 1] ?? ' ') ? ' ' : '';
  const lineBreak = source.slice(start, end).endsWith('\n') ? style.lineBreak : '';
  edits.push({ start, end, text: blank + text + lineBreak });
}

/**
 * Removes a value after the colon, and inserts the lines after the line on which it ends. A comment on that
 * line stays.
 */
function replaceByLines(sheet: Sheet, node: Node, lines: readonly string[], column: number): void {
  const { source, edits } = sheet;
  const [start, end] = rangeOf(node);
  if (end > start) edits.push({ start: blanksStart(source, start), end, text: '' });
  insertLines(sheet, nextLine(source, end), lines, column);
}

function replaceLines({ source, edits }: Sheet, node: Node, colonEnd: number, text: string): void {
  edits.push({ start: colonEnd, end: colonEnd, text: ` ${text}` });
  edits.push({ start: nextLine(source, colonEnd), end: nextLine(source, endOf(node)), text: '' });
}
