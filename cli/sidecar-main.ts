#!/usr/bin/env node
import './no-inspector.js';
import { main } from './main.ts';
import { sidecarTable } from './sidecar-table.ts';

// What runs in a pod as a program of its own: loads nothing of what the other commands need.
await main({ commandTable: sidecarTable, commandGroups: {} }, 'sidecar');
