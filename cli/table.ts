import type { CommandEntry, CommandGroups } from './command-entry.ts';
import type { InternalCommand } from './internal-command.ts';
import { sidecarTable } from './sidecar-table.ts';

export const commandGroups: CommandGroups = {
  keys: "create and rotate the keys that sign the cluster's tokens",
  provider: "manage the IAM OIDC provider of the cluster's issuer",
  migrate: 'plan the move from a proxy on every node, kube2iam or kiam, to podrole',
};

/** Every command. `--help` prints the groups in the order of their first command: setting up comes first. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'up',
    group: 'Set up a cluster:',
    summary: 'publish the keys, create the OIDC provider and install the webhook',
    load: async () => (await import('./commands/up.ts')).up,
  },
  {
    name: 'provider ensure',
    group: 'Set up a cluster:',
    summary: 'create the IAM OIDC provider of an issuer, or add what it lacks',
    load: async () => (await import('./commands/provider-ensure.ts')).providerEnsure,
  },
  {
    name: 'provider show',
    group: 'Set up a cluster:',
    summary: 'show the IAM OIDC provider of an issuer, and whether it matches the tokens',
    load: async () => (await import('./commands/provider-show.ts')).providerShow,
  },
  {
    name: 'provider delete',
    group: 'Set up a cluster:',
    summary: 'delete the IAM OIDC provider of an issuer if no role trusts it',
    load: async () => (await import('./commands/provider-delete.ts')).providerDelete,
  },
  {
    name: 'bind',
    group: 'Give ServiceAccounts roles:',
    summary: 'give a ServiceAccount an IAM role that trusts only this ServiceAccount',
    load: async () => (await import('./commands/bind.ts')).bind,
  },
  {
    name: 'unbind',
    group: 'Give ServiceAccounts roles:',
    summary: 'remove the role of a ServiceAccount',
    load: async () => (await import('./commands/unbind.ts')).unbind,
  },
  {
    name: 'list',
    group: 'Give ServiceAccounts roles:',
    summary: 'list ServiceAccounts and their roles, and check that they match',
    load: async () => (await import('./commands/list.ts')).list,
  },
  {
    name: 'doctor',
    group: 'Look and try:',
    summary: 'find the broken link between a pod and its role, and the command that repairs it',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    name: 'test',
    group: 'Look and try:',
    summary: 'start a short-lived pod with a ServiceAccount, and show that it gets its role',
    load: async () => (await import('./commands/test.ts')).test,
  },
  {
    name: 'whoami',
    group: 'Look and try:',
    summary: 'print who this process is for AWS, and where its credentials come from',
    load: async () => (await import('./commands/whoami.ts')).whoami,
  },
  {
    name: 'audit',
    group: 'Look and try:',
    summary: 'show who may assume what in clusters and an AWS account, and what is wrong with it',
    load: async () => (await import('./commands/audit.ts')).audit,
  },
  {
    name: 'policy',
    group: 'Look and try:',
    summary: 'show which namespaces may use which roles, and who uses one that is refused',
    load: async () => (await import('./commands/policy.ts')).policy,
  },
  {
    name: 'migrate kube2iam',
    group: 'Set up a cluster:',
    summary: 'plan the move from kube2iam to podrole, and what would break',
    load: async () => (await import('./commands/migrate.ts')).migrateKube2iam,
  },
  {
    name: 'migrate kiam',
    group: 'Set up a cluster:',
    summary: 'plan the move from kiam to podrole, and what would break',
    load: async () => (await import('./commands/migrate.ts')).migrateKiam,
  },
  {
    name: 'webhook',
    group: 'Give pods their role:',
    summary: 'serve the admission webhook that gives pods their role',
    load: async () => (await import('./commands/webhook.ts')).webhook,
  },
  {
    name: 'inject',
    group: 'Give pods their role:',
    summary: 'give the pods in manifests their role, offline',
    load: async () => (await import('./commands/inject.ts')).inject,
  },
  ...sidecarTable,
  {
    name: 'agent',
    group: 'Old SDKs:',
    summary: 'serve the pods of a node: one process instead of a sidecar in each pod',
    load: async () => (await import('./commands/agent.ts')).agent,
  },
  {
    name: 'docker',
    group: 'Hosts without Kubernetes:',
    summary: 'serve the containers of a Docker or Podman host, each with a role of its own',
    load: async () => (await import('./commands/docker.ts')).docker,
  },
  {
    name: 'exec',
    group: 'Hosts without Kubernetes:',
    summary: 'run a command as a role, on a laptop or in a CI job',
    load: async () => (await import('./commands/exec.ts')).exec,
  },
  {
    name: 'publish',
    group: 'Set up a cluster:',
    summary: 'publish the discovery document and key set that STS fetches to verify tokens',
    load: async () => (await import('./commands/publish.ts')).publish,
  },
  {
    name: 'keys create',
    group: 'Set up a cluster:',
    summary: 'create a signing key for kube-apiserver',
    load: async () => (await import('./commands/keys-create.ts')).keysCreate,
  },
  {
    name: 'keys rotate',
    group: 'Set up a cluster:',
    summary: 'replace the signing key of the cluster without breaking live tokens',
    load: async () => (await import('./commands/keys-rotate.ts')).keysRotate,
  },
  {
    name: 'token',
    group: 'Hosts without Kubernetes:',
    summary: 'sign a web identity token for a VM or a Docker host, and keep it fresh',
    load: async () => (await import('./commands/token.ts')).token,
  },
  {
    name: 'sts',
    group: 'Look and try:',
    summary: 'serve a local STS that verifies web identity tokens as AWS does',
    load: async () => (await import('./commands/sts.ts')).sts,
  },
  {
    name: 'version',
    group: 'Look and try:',
    summary: 'print the versions of podrole, Node, Kubernetes, webhook and agent',
    load: async () => (await import('./commands/version.ts')).version,
  },
  {
    name: 'completion',
    group: 'Look and try:',
    summary: 'print the script that completes command lines in a shell',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
];

/** Commands for the scripts of `podrole completion`. [cobra] The first name is that of kubectl, too. */
export const internalCommands: readonly InternalCommand[] = [
  { name: '__complete', load: async () => (await import('./completion/run-complete.ts')).complete },
  { name: '__completeNext', load: async () => (await import('./completion/run-complete.ts')).completeNext },
];
