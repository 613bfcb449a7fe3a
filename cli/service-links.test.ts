import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings, variablesOf } from '../lib/settings/settings.ts';
import { commandTable } from './table.ts';

/**
 * Kubernetes sets PODROLE_PORT beside a Service named podrole. No other variable is skipped because of its
 * value.
 */
const LINKS = ['tcp://10.96.12.34:443', 'udp://x', 'sctp://'];

test('no setting is skipped because its value looks like a link to a Service', async () => {
  for (const { name: command, load } of commandTable) {
    for (const [name, setting] of Object.entries((await load()).settings)) {
      for (const variable of variablesOf(name, setting)) {
        for (const value of LINKS) {
          const read = () => readSettings({ [name]: setting }, {}, { [variable]: value })[name];
          const label = `${command} ${variable}=${value}`;
          if (variable.endsWith('_PORT')) assert.equal(read(), setting.default, label);
          else assert.ok(isRead(read, variable, setting.default), label);
        }
      }
    }
  }
});

/** Returns true if the variable gives the value, or is named in a fault. */
function isRead(read: () => unknown, variable: string, defaultValue: unknown): boolean {
  try {
    return read() !== defaultValue;
  } catch (thrown) {
    return String(thrown).includes(`${variable}: is "`) || String(thrown).includes(`${variable}: must be`);
  }
}
