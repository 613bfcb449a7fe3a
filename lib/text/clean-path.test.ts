import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertLinear } from '../../testing/cost/step-count.ts';
import { cleanPath } from './clean-path.ts';

test('the form is that of posix.normalize without a slash at the end', () => {
  const part = fc.constantFrom('/', '//', '.', '..', 'a', 'b.c', '...', ' ', '\\');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const path = parts.join('');
      const normal = posix.normalize(path);
      const expected = normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
      assert.equal(cleanPath(path), expected, path);
    }),
    { numRuns: 2_000 },
  );
});

test('a path takes time in proportion to its length', async () => {
  for (const shape of ['/a/..', '/a', '../', '/.', '//']) {
    await assertLinear((size) => {
      const path = `/${'a'.repeat(size)}${shape.repeat(size)}`;
      return () => cleanPath(path);
    });
  }
});

test('a path of a megabyte with a long beginning does not stop the process', () => {
  const path = `/${'a'.repeat(500_000)}${'/b/..'.repeat(100_000)}`;
  assert.equal(cleanPath(path).length, 500_001);
});
