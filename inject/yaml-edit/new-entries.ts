import { blockLines, flowMember, flowText, itemLines, memberLines } from './render.ts';
import type { SourceStyle } from './source-style.ts';
import type { NewEntry } from './write-entries.ts';

export function newItem(value: unknown, style: SourceStyle): NewEntry {
  return { lines: () => itemLines(value, style), flow: (indent) => flowText(value, style, indent) };
}

export function newMember(key: string, value: unknown, style: SourceStyle): NewEntry {
  return {
    lines: () => memberLines(key, value, style),
    flow: (indent) => flowMember(key, value, style, indent),
  };
}

/** Renders members that replace one member, the first of them without indentation. */
export function membersText(members: object, style: SourceStyle, inFlow: boolean, column: number): string {
  if (!inFlow) return blockLines(members, style).join(style.lineBreak + ' '.repeat(column));
  return Object.entries(members)
    .map(([key, value]) => flowMember(key, value, style, undefined))
    .join(', ');
}
