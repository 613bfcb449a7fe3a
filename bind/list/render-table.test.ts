import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderTable } from './render-table.ts';

test('an annotation cannot forge a row or send escape sequences to the terminal', () => {
  const roleArn = '\u001b[2Jarn\nshop  web  ok  arn:aws:iam::111122223333:role/admin';
  const table = renderTable([
    { namespace: 'shop', serviceAccount: 'web', state: 'no role', roleArn, details: ['has "\u009b1m"'] },
  ]);
  assert.equal(table.split('\n').length, 3);
  assert.doesNotMatch(table.replaceAll('\n', ''), /\p{Cc}/u);
});
