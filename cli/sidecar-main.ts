#!/usr/bin/env node
import { sidecar } from './commands/sidecar.ts';
import { main } from './main.ts';

/** `podrole sidecar` as a program of its own: loads nothing of what the other commands need. */
const entry = {
  name: 'sidecar',
  summary: 'serve the role as instance metadata and container credentials',
  load: async () => sidecar,
};

await main({ commandTable: [entry], commandGroups: {} }, ['sidecar']);
