import type { CommandEntry } from './command-entry.ts';

/** The commands that run in a pod: all of dist/sidecar.js, and part of dist/podrole.js. */
export const sidecarTable: readonly CommandEntry[] = [
  {
    name: 'redirect',
    group: 'Old SDKs:',
    summary: 'redirect the metadata addresses of a pod, a node or a Docker host to podrole',
    load: async () => (await import('./commands/redirect.ts')).redirect,
  },
  {
    name: 'sidecar',
    group: 'Old SDKs:',
    summary:
      'serve the role as instance metadata and container credentials, for SDKs without web identity support',
    load: async () => (await import('./commands/sidecar.ts')).sidecar,
  },
  {
    name: 'probe',
    group: 'Old SDKs:',
    summary: 'check if the sidecar or the agent is ready',
    load: async () => (await import('./commands/probe.ts')).probe,
  },
];
