import type { ExitCode, Terminal } from './command.ts';
import type { CommandEntry, CommandGroups } from './command-entry.ts';

/** A command that programs call, such as a shell. No help mentions it. */
export interface InternalCommand {
  readonly name: string;
  /** Loads it when it is called. */
  readonly load: () => Promise<RunInternal>;
}

/** @param words the arguments as they were given, flags included */
export type RunInternal = (
  words: readonly string[],
  terminal: Terminal,
  commands: { readonly commandTable: readonly CommandEntry[]; readonly commandGroups: CommandGroups },
) => Promise<ExitCode>;
