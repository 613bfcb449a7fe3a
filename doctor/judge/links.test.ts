import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LINK_IDS } from '../link-ids.ts';
import { LINKS } from './links.ts';

test('the links are those of the list of names, in its order', () => {
  assert.deepEqual(
    LINKS.map(({ id }) => id),
    LINK_IDS,
  );
});

test('a link needs only earlier ones', () => {
  for (const [at, { id, needs }] of LINKS.entries()) {
    const earlier = LINKS.slice(0, at).map((link) => link.id);
    for (const needed of needs) assert.ok(earlier.includes(needed), `${id} needs ${needed}`);
  }
});
