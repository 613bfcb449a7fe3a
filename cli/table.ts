import type { CommandEntry, CommandGroups } from './command-entry.ts';
import { sidecarTable } from './sidecar-table.ts';

export const commandGroups: CommandGroups = {
  keys: "create and rotate the keys that sign the cluster's tokens",
  provider: "manage the IAM OIDC provider of the cluster's issuer",
};

/** Every command, in the order of the six stops: bind, with what belongs to it, comes first. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'publish the keys, create the OIDC provider and install the webhook',
    load: async () => (await import('./commands/up.ts')).up,
  },
  {
    name: 'bind',
    summary: 'give a ServiceAccount an IAM role that trusts only this ServiceAccount',
    load: async () => (await import('./commands/bind.ts')).bind,
  },
  {
    name: 'unbind',
    summary: 'remove the role of a ServiceAccount',
    load: async () => (await import('./commands/unbind.ts')).unbind,
  },
  {
    name: 'list',
    summary: 'list ServiceAccounts and their roles, and check that they match',
    load: async () => (await import('./commands/list.ts')).list,
  },
  {
    name: 'provider ensure',
    summary: 'create the IAM OIDC provider of an issuer, or add what it lacks',
    load: async () => (await import('./commands/provider-ensure.ts')).providerEnsure,
  },
  {
    name: 'provider show',
    summary: 'show the IAM OIDC provider of an issuer, and whether it matches the tokens',
    load: async () => (await import('./commands/provider-show.ts')).providerShow,
  },
  {
    name: 'provider delete',
    summary: 'delete the IAM OIDC provider of an issuer if no role trusts it',
    load: async () => (await import('./commands/provider-delete.ts')).providerDelete,
  },
  {
    name: 'webhook',
    summary: 'serve the admission webhook that gives pods their role',
    load: async () => (await import('./commands/webhook.ts')).webhook,
  },
  {
    name: 'inject',
    summary: 'give the pods in manifests their role, offline',
    load: async () => (await import('./commands/inject.ts')).inject,
  },
  ...sidecarTable,
  {
    name: 'publish',
    summary: 'publish the discovery document and key set that STS fetches to verify tokens',
    load: async () => (await import('./commands/publish.ts')).publish,
  },
  {
    name: 'keys create',
    summary: 'create a signing key for kube-apiserver',
    load: async () => (await import('./commands/keys-create.ts')).keysCreate,
  },
  {
    name: 'keys rotate',
    summary: 'replace the signing key of the cluster without breaking live tokens',
    load: async () => (await import('./commands/keys-rotate.ts')).keysRotate,
  },
  {
    name: 'sts',
    summary: 'serve a local STS that verifies web identity tokens as AWS does',
    load: async () => (await import('./commands/sts.ts')).sts,
  },
];
