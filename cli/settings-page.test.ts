import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { renderSettingsPage } from './settings-page.ts';
import { commandTable } from './table.ts';

const page = new URL('../docs/settings.md', import.meta.url);

test('docs/settings.md lists every flag as the code defines it', async () => {
  const commands = await Promise.all(
    commandTable.map(async ({ name, load }) => [name, await load()] as const),
  );
  const rendered = renderSettingsPage(commands);
  if (process.env['UPDATE_GOLDEN']) writeFileSync(page, rendered);
  assert.equal(readFileSync(page, 'utf8'), rendered);
});
