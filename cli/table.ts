import type { Command } from './command.ts';

export interface CommandEntry {
  /** One word, or two: `keys create` is the command `create` of the group `keys`. */
  readonly name: string;
  /** One line for `podrole --help`. */
  readonly summary: string;
  /** Loads the command's code only where it is asked for: the sidecar must not pay for the Kubernetes client. */
  readonly load: () => Promise<Command>;
}

/** What the commands of a group are for, by its name. */
export type CommandGroups = Readonly<Record<string, string>>;

export const commandGroups: CommandGroups = {
  keys: 'Make and change the keys that sign the cluster’s tokens.',
};

/** Every command, in the order of the path that a token takes. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'webhook',
    summary: 'serve the admission webhook that gives pods their role',
    load: async () => (await import('./commands/webhook.ts')).webhook,
  },
  {
    name: 'inject',
    summary: 'give the pods of manifests their role, offline',
    load: async () => (await import('./commands/inject.ts')).inject,
  },
  {
    name: 'publish',
    summary: 'publish what STS fetches to verify tokens: discovery document and key set',
    load: async () => (await import('./commands/publish.ts')).publish,
  },
  {
    name: 'keys create',
    summary: 'make a signing key for kube-apiserver',
    load: async () => (await import('./commands/keys-create.ts')).keysCreate,
  },
  {
    name: 'sts',
    summary: 'serve a local STS that verifies web identity tokens as AWS does',
    load: async () => (await import('./commands/sts.ts')).sts,
  },
];
