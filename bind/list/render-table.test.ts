import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { painter } from '../../lib/text/paint.ts';
import type { BindingRow } from './binding-row.ts';
import { renderTable } from './render-table.ts';

const web: BindingRow = {
  namespace: 'shop',
  serviceAccount: 'web',
  state: 'bound',
  roleArn: 'arn:aws:iam::111122223333:role/shop-web',
  details: [],
};

test('an annotation cannot forge a row or send escape sequences to the terminal', () => {
  const roleArn = '\u001b[2Jarn\nshop  web  ok  arn:aws:iam::111122223333:role/admin';
  const row: BindingRow = { ...web, state: 'no role', roleArn, details: ['has "\u009b1m"\nshop  web'] };
  const table = renderTable([row], painter(false));
  assert.equal(table.split('\n').length, 4);
  assert.doesNotMatch(table.replaceAll('\n', ''), /\p{Cc}/u);
});

test('200 rows fit 80 columns, and a detail is a line below its row', () => {
  const rows = Array.from({ length: 200 }, (_, at): BindingRow => ({ ...web, serviceAccount: `web-${at}` }));
  const drifted: BindingRow = { ...web, state: 'drifted', details: ['does not match', 'nor this'] };
  const lines = renderTable([...rows, drifted], painter(false)).split('\n');
  assert.ok(lines.every((line) => line.length <= 80));
  assert.deepEqual(lines.slice(-4), [
    'shop       web             drifted  arn:aws:iam::111122223333:role/shop-web',
    '    does not match',
    '    nor this',
    '',
  ]);
});

test('the state is colored, and nothing else changes', () => {
  const rows = (['bound', 'drifted', 'wildcard', 'restricted'] as const).map((state) => ({ ...web, state }));
  const colored = renderTable(rows, painter(true));
  assert.equal(stripVTControlCharacters(colored), renderTable(rows, painter(false)));
  const states = colored
    .split('\n')
    .map((line) => line.replaceAll('\x1b', '').slice('shop       web             '.length));
  assert.match(states[1] ?? '', /^\[32mbound/);
  assert.match(states[2] ?? '', /^\[33mdrifted/);
  assert.match(states[3] ?? '', /^\[1m\[31mwildcard/);
  assert.match(states[4] ?? '', /^restricted/);
});
