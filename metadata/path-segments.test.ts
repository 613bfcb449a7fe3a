import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPath, pathSegments } from './path-segments.ts';

const cases: readonly [url: string, segments: readonly string[] | undefined][] = [
  ['/', []],
  ['/latest/meta-data/', ['latest', 'meta-data']],
  ['//latest///meta-data//', ['latest', 'meta-data']],
  ['/latest?a=/b/c', ['latest']],
  ['/?', []],
  ['/a%40b/c%2Bd', ['a@b', 'c+d']],
  ['/a+b', ['a+b']],
  ['/%2e%2e/x/../y/.', ['..', 'x', '..', 'y', '.']],
  ['/%00', ['\u0000']],
  ['/latest%2Fapi/token', undefined],
  ['/%', undefined],
  ['/%zz', undefined],
  ['/%ff', undefined],
  ['', undefined],
  ['*', undefined],
  ['latest', undefined],
  ['http://169.254.169.254/latest', undefined],
  ['example.com:443', undefined],
];

for (const [url, segments] of cases) {
  test(JSON.stringify(url), () => assert.deepEqual(pathSegments(url), segments));
}

test('a path is recognized by its names', () => {
  assert.ok(isPath(['latest', 'api', 'token'], '/latest/api/token'));
  assert.ok(!isPath(['latest', 'api'], '/latest/api/token'));
  assert.ok(!isPath(undefined, '/undefined'));
});
