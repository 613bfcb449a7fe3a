import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { variableName } from '../../lib/settings/settings.ts';
import { commandTable } from '../table.ts';

const file = new URL('known-variables.ts', import.meta.url);
const HEAD = `/**
 * Variables of all commands. This list is generated, so that a command need not load the code of all others;
 * \`UPDATE_GOLDEN=1 npm test\` writes it again.
 */
export const knownVariables: readonly string[] = [
`;

test('the list of known variables holds those of every flag of every command', async () => {
  const variables = await Promise.all(
    commandTable.map(async ({ load }) =>
      Object.entries((await load()).settings).flatMap(([name, { aliases = [] }]) =>
        [name, ...aliases].map(variableName),
      ),
    ),
  );
  const lines = [...new Set(variables.flat())].sort().map((name) => `  '${name}',\n`);
  const rendered = `${HEAD}${lines.join('')}];\n`;
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, rendered);
  assert.equal(readFileSync(file, 'utf8'), rendered);
});
