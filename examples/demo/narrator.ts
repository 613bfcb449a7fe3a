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

export function createNarrator(out: NodeJS.WriteStream): Narrator {
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream: out, validateStream: true });
  const print = (line: string) => out.write(`${line}\n`);
  return {
    title: (text) => print(style('bold', text)),
    stop: (number, name, what) => print(`\n${style(['bold', 'cyan'], `${number} ${name.padEnd(9)}`)}${what}`),
    detail: (text) => print(text.replaceAll(/^/gm, '           ')),
    done: (text) => print(`\n${style(['bold', 'green'], text)}`),
  };
}
