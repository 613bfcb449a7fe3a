#!/usr/bin/env node
import './no-inspector.js';
import { main } from './main.ts';
import { sidecarTable } from './sidecar-table.ts';

// The program that runs in pods. It loads no code of the other commands.
await main({ commandTable: sidecarTable, commandGroups: {} }, 'sidecar');
