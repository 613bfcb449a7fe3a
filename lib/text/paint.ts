import { styleText } from 'node:util';

/** Styles by what they mean. */
const STYLES = {
  created: 'green',
  changed: 'yellow',
  removed: 'red',
  /** Something that is about to be taken away. */
  alarm: ['bold', 'red'],
  heading: 'bold',
  place: 'cyan',
  minor: 'dim',
} as const;

export type Style = keyof typeof STYLES;
export type Paint = (style: Style, text: string) => string;

/** Returns what colors a string, if the stream that it is for gets colors. */
export function painter(isColored: boolean): Paint {
  return isColored
    ? (style, text) => styleText([STYLES[style]].flat(), text, { validateStream: false })
    : (_, text) => text;
}

/** Colors a unified diff. */
export function paintDiff(paint: Paint, diff: string): string {
  return diff
    .split('\n')
    .map((line) => paintDiffLine(paint, line))
    .join('\n');
}

/** Colors a line of a unified diff. */
export function paintDiffLine(paint: Paint, line: string): string {
  if (line.startsWith('---') || line.startsWith('+++')) return paint('heading', line);
  if (line.startsWith('@@')) return paint('place', line);
  if (line.startsWith('+')) return paint('created', line);
  return line.startsWith('-') ? paint('removed', line) : line;
}
