import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nearestName } from './nearest-name.ts';

/** Few letters, so that names are near each other often. */
const name = fc.string({ unit: fc.constantFrom('a', 'b', 'C'), maxLength: 9 });

test('the nearest name is that of the whole table of distances, the first of equals', () => {
  fc.assert(
    fc.property(
      name,
      fc.array(name, { maxLength: 4 }),
      fc.integer({ min: 0, max: 4 }),
      (written, known, maxEdits) => {
        const reach = known.map((candidate) => distance(written.toLowerCase(), candidate.toLowerCase()));
        const fewest = Math.min(...reach);
        assert.equal(
          nearestName(written, known, maxEdits),
          fewest > maxEdits ? undefined : known[reach.indexOf(fewest)],
        );
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a name longer than any that is known is not compared at all', () => {
  const long = { length: 250_000 } as string;
  assert.equal(nearestName(long, ['role-arn', 'audience'], 3), undefined);
});

/** Levenshtein distance by its definition, cell by cell. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...b].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
