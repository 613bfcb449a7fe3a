import type { Command } from './command.ts';
import { sidecarTable } from './sidecar-table.ts';

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
  keys: 'make and change the keys that sign the cluster’s tokens',
  provider: 'look after the OIDC provider that stands for the cluster’s issuer in IAM',
};

/** Every command, in the order of the path that a token takes. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'list',
    summary: 'list ServiceAccounts and their roles, and whether one leads to the other',
    load: async () => (await import('./commands/list.ts')).list,
  },
  {
    name: 'provider ensure',
    summary: 'make the OIDC provider of an issuer in IAM, or add what it lacks',
    load: async () => (await import('./commands/provider-ensure.ts')).providerEnsure,
  },
  {
    name: 'provider show',
    summary: 'show the OIDC provider of an issuer, and whether it does for its tokens',
    load: async () => (await import('./commands/provider-show.ts')).providerShow,
  },
  {
    name: 'provider delete',
    summary: 'delete the OIDC provider of an issuer that no role trusts',
    load: async () => (await import('./commands/provider-delete.ts')).providerDelete,
  },
  {
    name: 'bind',
    summary: 'give a ServiceAccount an IAM role that trusts it alone',
    load: async () => (await import('./commands/bind.ts')).bind,
  },
  {
    name: 'unbind',
    summary: 'take the role of a ServiceAccount away again',
    load: async () => (await import('./commands/unbind.ts')).unbind,
  },
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
  ...sidecarTable,
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
    name: 'keys rotate',
    summary: 'lead the cluster to another signing key without breaking a live token',
    load: async () => (await import('./commands/keys-rotate.ts')).keysRotate,
  },
  {
    name: 'sts',
    summary: 'serve a local STS that verifies web identity tokens as AWS does',
    load: async () => (await import('./commands/sts.ts')).sts,
  },
];
