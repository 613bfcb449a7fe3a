import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandTable } from '../table.ts';
import { groupedNames, groupFlags } from './flag-groups.ts';

const commands = await Promise.all(
  commandTable.map(async ({ name, load }) => ({ name, settings: (await load()).settings })),
);

test('every name under a heading is a flag of the command, or of one of them', () => {
  const unknown = groupedNames.filter(
    ([command, name]) =>
      !commands.some((each) => (command ?? each.name) === each.name && name in each.settings),
  );
  assert.deepEqual(unknown, []);
});

for (const { name, settings } of commands) {
  test(`podrole ${name} has each flag under one heading, and at most 12 under one`, () => {
    const groups = groupFlags(name, settings);
    const flags = groups.flatMap(({ names }) => names);
    assert.deepEqual(flags.toSorted(), Object.keys(settings).sort());
    assert.deepEqual(
      groups.filter(({ names }) => names.length > 12),
      [],
    );
    assert.equal(new Set(groups.map(({ heading }) => heading)).size, groups.length);
  });
}
