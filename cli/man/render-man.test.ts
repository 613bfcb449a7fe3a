import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagName } from '../../lib/settings/settings.ts';
import { commandTable } from '../table.ts';
import { renderMan } from './render-man.ts';

const page = await renderMan(commandTable, '0.1.0');

test('the man page has every command and every flag', async () => {
  for (const { name, load } of commandTable) {
    const [, section = ''] = page.split(`\n.SS podrole ${name.replaceAll('-', '\\-')}`);
    const [own = ''] = section.split(/\n\.S[SH] /);
    for (const flag of Object.keys((await load()).settings))
      assert.ok(own.includes(`\\-\\-${flagName(flag).replaceAll('-', '\\-')}`), `${name} ${flag}`);
  }
});

test('no line of text is a request by accident, and the page has no date', () => {
  const requests = new Set([...page.matchAll(/^[.'](\S*)/gm)].map(([, request]) => request));
  assert.deepEqual([...requests].sort(), ['B', 'I', 'RI', 'SH', 'SS', 'TH', 'TP', 'fi', 'nf']);
  assert.match(page, /^\.TH PODROLE 1 "" "podrole 0\.1\.0" "User Commands"\n/);
});
