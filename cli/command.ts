import type { Readable, Writable } from 'node:stream';
import type { CommandEnd, Outcome } from '../lib/outcome.ts';
import { readSettings, type SettingsOf, type SettingsTable } from '../lib/settings/settings.ts';
import type { Env, IsColored, Progress, SignalHandling } from '../lib/surroundings.ts';
import { checkVariables } from './command-line/check-variables.ts';
import { NO_PROGRESS, showProgress } from './progress.ts';

/** The parts of the process that a command may use. */
export interface Terminal extends SignalHandling {
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly fd?: number };
  readonly stderr: Writable;
  readonly isColored: IsColored;
  readonly env: Env;
}

/** Exit codes of every command, as those of `kubectl diff`; `--help` and docs/exit-codes.md list them. */
export const EXIT = { ok: 0, changes: 1, usage: 2, failed: 3 } as const;
/** One of EXIT, or that of a program that a command ran. */
export type ExitCode = number;

const EXIT_CODE_OF: Readonly<Record<Outcome, ExitCode>> = {
  done: EXIT.ok,
  changes: EXIT.changes,
  incomplete: EXIT.failed,
};

export interface CommandDefinition<Table extends SettingsTable> {
  /** Purpose of the command, in a few sentences. */
  readonly description: string;
  /** Command lines without `podrole`, each with its purpose. */
  readonly examples: readonly (readonly [commandLine: string, purpose: string])[];
  readonly settings: Table;
  /** Arguments without a flag, as `--help` writes them: `[serviceaccount]`, `<step>`. */
  readonly operands?: readonly Operand[];
  /** Meaning of exit code 1, if it is another than that of --exit-code. */
  readonly exitsWithOne?: string;
  /** Lines of `--help` on the exit codes of a command that runs another program: its operands, after `--`. */
  readonly runsCommand?: string;
  /** Work that may take longer than two seconds: `reading IAM and the cluster`. A server has none. */
  readonly progress?: (settings: SettingsOf<Table>) => string | undefined;
  readonly run: (
    settings: SettingsOf<Table>,
    terminal: Terminal & { readonly progress: Progress },
    operands: readonly string[],
  ) => Promise<Outcome | CommandEnd>;
}

export interface Operand {
  /** `<name>` is required, `[name]` is optional. */
  readonly placeholder: string;
  readonly help: string;
  /** All possible values, for completion. */
  readonly values?: readonly string[];
}

/** A command whose settings are not read yet. */
export interface Command
  extends Pick<
    CommandDefinition<SettingsTable>,
    'description' | 'examples' | 'settings' | 'operands' | 'exitsWithOne' | 'runsCommand'
  > {
  /**
   * @param given the command line's options by name in camel case
   * @param operands its arguments without a flag
   */
  readonly start: (
    given: Readonly<Record<string, unknown>>,
    terminal: Terminal,
    operands: readonly string[],
  ) => Promise<ExitCode>;
}

export function defineCommand<Table extends SettingsTable>(definition: CommandDefinition<Table>): Command {
  const { run, progress: workOf, ...described } = definition;
  return {
    ...described,
    start: async (given, terminal, operands) => {
      checkVariables(terminal.env);
      const settings = readSettings(definition.settings, given, terminal.env);
      // With JSON or YAML output, a program reads errors as JSON from stderr: print no progress there.
      const isForProgram = 'output' in settings && /^(?:json|yaml)$/.test(String(settings.output));
      const work = isForProgram ? undefined : workOf?.(settings);
      const progress = work === undefined ? NO_PROGRESS : showProgress(work, terminal.stderr);
      terminal.signal.addEventListener('abort', progress.clear, { once: true });
      try {
        const end = await run(settings, { ...terminal, progress }, operands);
        return typeof end === 'string' ? EXIT_CODE_OF[end] : end.exitCode;
      } finally {
        terminal.signal.removeEventListener('abort', progress.clear);
        progress.end();
      }
    },
  };
}
