import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderColumns } from './columns.ts';

test('columns are as wide as their widest cell, and the last one is not padded', () => {
  assert.deepEqual(
    renderColumns([
      ['a', 'bb', 'c'],
      ['aaa', 'b', 'cc'],
    ]),
    ['a    bb  c', 'aaa  b   cc'],
  );
});

test('one enormous cell does not widen all other rows', () => {
  const rows = [['x'.repeat(100_000), 'y'], ...Array.from({ length: 1_000 }, () => ['a', 'b'])];
  const size = renderColumns(rows).join('').length;
  assert.ok(size < 500_000, `${size}`);
});
