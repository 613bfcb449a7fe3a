import type { Command } from './command.ts';

export interface CommandEntry {
  /** One word, or two: `keys create` is the command `create` of the group `keys`. */
  readonly name: string;
  /** One line for `podrole --help`. */
  readonly summary: string;
  readonly group: CommandGroup;
  /** Loads the command's code when it is called, so that the sidecar does not load the Kubernetes client. */
  readonly load: () => Promise<Command>;
}

/** Headings of `podrole --help`. */
export type CommandGroup =
  | 'Set up a cluster:'
  | 'Give ServiceAccounts roles:'
  | 'Give pods their role:'
  | 'Old SDKs:'
  | 'Hosts without Kubernetes:'
  | 'Look and try:';

/** Purpose of each group of commands, by name. */
export type CommandGroups = Readonly<Record<string, string>>;
