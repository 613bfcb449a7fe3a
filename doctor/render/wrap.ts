/** Columns of a terminal that every user has. */
export const COLUMNS = 80;
/** Longest text of a tenant or server that a person wants to read. Output for programs has the rest. */
export const MAX_SHOWN = 2_000;

/**
 * Breaks a string at its spaces into lines of at most 80 columns. A longer word, such as an ARN or a URL,
 * stays whole: it can still be copied.
 * @param first what the first line begins with; the others are indented by its length
 */
export function wrap(first: string, text: string): string {
  const shown = cut(text, MAX_SHOWN);
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = '';
  for (const word of shown.split(' ')) {
    const isFull = line !== '' && indent.length + line.length + 1 + word.length > COLUMNS;
    if (isFull) lines.push(line);
    line = isFull || line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line]
    .map((each, at) => `${at === 0 ? first : indent}${each}`.trimEnd().concat('\n'))
    .join('');
}

/** Cuts a string to a number of columns, and marks the cut. */
export function cut(text: string, columns: number): string {
  return text.length > columns ? `${text.slice(0, columns - 1)}…` : text;
}
