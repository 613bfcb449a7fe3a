import { parseSource, visitNodes } from '../sources/parse-source.ts';

/** A stretch of a file that people read. */
export interface Piece {
  readonly kind: 'doc comment' | 'comment' | 'string' | 'prose';
  /** Of its first character in the file. */
  readonly start: number;
  /** As long as the stretch: what is not prose in it, such as the stars of a comment, is white space. */
  readonly text: string;
}

/** Between two line comments is nothing but a line break and the indent. */
const MAX_INDENT = 20;

/** Returns the comments and strings of a TypeScript source. */
export function piecesOfTypeScript(source: string): readonly Piece[] {
  const { program, comments } = parseSource(source);
  const pieces = comments.map(({ start, end }): Piece => {
    const text = source.slice(start, end);
    return { kind: text.startsWith('/**') ? 'doc comment' : 'comment', start, text: bare(text) };
  });
  visitNodes(program, ({ type, start, end, value }) => {
    if (type !== 'TemplateElement' && !(type === 'Literal' && typeof value === 'string')) return;
    pieces.push({ kind: 'string', start, text: source.slice(start, end) });
  });
  return joined(pieces.sort((one, other) => one.start - other.start));
}

/** Line comments that follow each other are one comment: a sentence goes on in the next line. */
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    const gap = last ? piece.start - last.start - last.text.length : Number.POSITIVE_INFINITY;
    if (last?.kind === 'comment' && piece.kind === 'comment' && gap < MAX_INDENT) {
      result[result.length - 1] = { ...last, text: `${last.text}${' '.repeat(gap)}${piece.text}` };
    } else result.push(piece);
  }
  return result;
}

/** Returns the comments of a YAML file or a shell script that have lines of their own. */
export function piecesOfHashComments(source: string): readonly Piece[] {
  return [...source.matchAll(/(?:^[ \t]*#(?!!).*\n?)+/gm)].map(({ 0: lines, index }) => ({
    kind: 'comment',
    start: index,
    text: bare(lines.replace(/^([ \t]*)#/gm, '$1 ')),
  }));
}

/** Returns a Markdown file without its code. */
export function piecesOfMarkdown(source: string): readonly Piece[] {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ');
  const text = source
    .replace(/^```.*?^```/gms, blank)
    .replace(/`[^`\n]*`/g, (code) => code.replace(/./g, '`'));
  return [{ kind: 'prose', start: 0, text }];
}

/** A comment without its delimiters. Code in backquotes is no longer readable as words. */
function bare(comment: string): string {
  return comment
    .replace(/^\s*\*(?!\/)|^\/\*+|\*\/$|^\/\//gm, (mark) => mark.replace(/\S/g, ' '))
    .replace(/`[^`\n]*`/g, (code) => code.replace(/./g, '`'));
}
