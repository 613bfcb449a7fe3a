import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand, succeed } from '../cluster/run-command.ts';

const TYPE_LINE = fileURLToPath(new URL('type-line.py', import.meta.url));
const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const TIMEOUT_MS = 60_000;
const TAB = '\t';
/** Goes to the begin of the line, in all three shells. */
const HOME_KEY = '\u0001';

export type ShellName = 'bash' | 'zsh' | 'fish';

/** A shell that has podrole on its PATH and has loaded the completion of it. */
export interface Shell {
  /**
   * Types the text, with a tab key where it says `<TAB>`, and returns the words that the shell would then
   * run.
   */
  readonly type: (text: string, env?: Readonly<Record<string, string>>) => Promise<readonly string[]>;
}

/**
 * Prepares a shell in an empty folder.
 * @param load line that loads the script of podrole
 */
export function prepareShell(name: ShellName, folder: string, load: string): Shell {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const program of ['podrole', 'kubectl_complete-podrole']) {
    const launcher = `#!/bin/sh\nexec '${process.execPath}' '${DIST}${program}.js' "$@"\n`;
    writeFileSync(join(bin, program), launcher);
    chmodSync(join(bin, program), 0o755);
  }
  const { file, start, command } = STARTS[name];
  writeFileSync(join(folder, file), `${start.replace('LOAD', load)}\n`);
  return {
    type: async (text, env = {}) => {
      // `words` prints its arguments, so that the line is not run.
      const typed = `${text.replaceAll('<TAB>', TAB)}${HOME_KEY}words \n`;
      const variables = { HOME: folder, ZDOTDIR: folder, TERM: 'xterm', LANG: 'C.UTF-8', ...env };
      const printed = await succeed(
        `${name}: ${text}`,
        runCommand('python3', [TYPE_LINE, typed, ...command(join(folder, file))], {
          cwd: folder,
          env: { PATH: `${bin}:${process.env['PATH']}`, ...variables },
          timeoutMs: TIMEOUT_MS,
        }),
      );
      return [...printed.matchAll(/^.*WORD<(.*)>\r?$/gm)].map(([, word = '']) => word);
    },
  };
}

const POSIX_WORDS = `words() { printf 'WORD<%s>\\n' "$@"; echo DONE; }\nPS1='READY>'`;

/** The start file of each shell, and how it is started with no other one. */
const STARTS: Readonly<
  Record<ShellName, { file: string; start: string; command: (file: string) => string[] }>
> = {
  bash: {
    file: '.bashrc',
    start: `LOAD\n${POSIX_WORDS}`,
    command: (file) => ['bash', '--noprofile', '--rcfile', file, '-i'],
  },
  zsh: {
    file: '.zshrc',
    start: `autoload -Uz compinit; compinit -u -D\nLOAD\nbindkey -e\n${POSIX_WORDS}`,
    command: () => ['zsh', '-d', '-i'],
  },
  fish: {
    file: 'start.fish',
    start: `LOAD
function fish_prompt; echo -n 'READY>'; end
function words; printf 'WORD<%s>\\n' $argv; echo DONE; end`,
    command: (file) => ['fish', '--no-config', '-i', '-C', `source ${file}`],
  },
};
