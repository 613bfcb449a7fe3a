import { styleText } from 'node:util';

/**
 * Prints the walk: one headline per stop, with details below it. Colour only on a terminal, and not if
 * NO_COLOR is set.
 */
interface Narrator {
  readonly title: (text: string) => void;
  readonly stop: (number: number, name: string, what: string) => void;
  readonly detail: (text: string) => void;
  readonly done: (text: string) => void;
}

const INDENT = ' '.repeat(11);
const WIDTH = 110 - INDENT.length;

export function createNarrator(out: NodeJS.WriteStream): Narrator {
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream: out, validateStream: true });
  const print = (line: string) => out.write(`${line}\n`);
  return {
    title: (text) => print(style('bold', text)),
    stop: (number, name, what) => print(`\n${style(['bold', 'cyan'], `${number} ${name.padEnd(9)}`)}${what}`),
    detail: (text) => print(text.split('\n').flatMap(fold).join('\n').replaceAll(/^/gm, INDENT)),
    done: (text) => print(`\n${style(['bold', 'green'], text)}`),
  };
}

/** Breaks a line that is too wide after a comma, if it has one; what follows gets an indent. */
function fold(line: string): readonly string[] {
  const end = line.lastIndexOf(',', WIDTH - 1) + 1;
  if (line.length <= WIDTH || end === 0) return [line];
  const indent = `${/^ */.exec(line)?.[0]}  `;
  return [line.slice(0, end), ...fold(indent + line.slice(end).trimStart())];
}
