import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings, variablesOf } from '../lib/settings/settings.ts';
import { commandTable } from './table.ts';

/** Kubernetes sets PODROLE_PORT beside a Service named podrole. Nothing but such a variable is skipped for its value. */
const LINKS = ['tcp://10.96.12.34:443', 'udp://x', 'sctp://'];

test('no setting is skipped because its value looks like a link to a Service', async () => {
  for (const { name: command, load } of commandTable) {
    for (const [name, setting] of Object.entries((await load()).settings)) {
      for (const variable of variablesOf(name, setting)) {
        for (const value of LINKS) {
          const read = () => readSettings({ [name]: setting }, {}, { [variable]: value })[name];
          const told = `${command} ${variable}=${value}`;
          if (variable.endsWith('_PORT')) assert.equal(read(), setting.fallback, told);
          else assert.ok(isRead(read, variable, setting.fallback), told);
        }
      }
    }
  }
});

/** True if the variable gives the value, or is named as a fault. */
function isRead(read: () => unknown, variable: string, fallback: unknown): boolean {
  try {
    return read() !== fallback;
  } catch (thrown) {
    return String(thrown).includes(`${variable}: is "`) || String(thrown).includes(`${variable}: must be`);
  }
}
