import type { CommandEntry } from './table.ts';

/** The commands that run in a pod: all of dist/sidecar.js, and part of dist/podrole.js. */
export const sidecarTable: readonly CommandEntry[] = [
  {
    name: 'redirect',
    summary: 'lead the metadata addresses of a pod to its sidecar',
    load: async () => (await import('./commands/redirect.ts')).redirect,
  },
  {
    name: 'sidecar',
    summary:
      'serve the role as instance metadata and container credentials, for SDKs that know no web identity',
    load: async () => (await import('./commands/sidecar.ts')).sidecar,
  },
];
