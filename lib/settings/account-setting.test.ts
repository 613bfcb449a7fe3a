import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFaults } from '../../testing/faults.ts';
import { account } from './account-setting.ts';
import { readSettings } from './settings.ts';

const table = { accountId: account({ shownDefault: 'that of the credentials', help: 'help' }) };
const read = (given: Readonly<Record<string, string>>) => readSettings(table, given, {}).accountId;

for (const given of ['111122223333', 'tenant1', '1st', '2024_q1', 'RGW11111111111111111', 'a.b-c']) {
  test(`account ${given}`, () => assert.equal(read({ accountId: given }), given));
}

test('none stands for an empty account, which differs from an account that is not given', () => {
  assert.equal(read({ accountId: 'none' }), '');
  assert.equal(read({}), undefined);
});

for (const given of [
  '1',
  '11112222333',
  '1111222233334',
  ' tenant1',
  'tenant 1',
  'a:b',
  'a/b',
  'ü',
  '<id>',
]) {
  test(`not an account: ${given}`, () => {
    const expected = /^--account-id: is .*, must be twelve digits, a tenant of Ceph, or none; see --help$/;
    assertFaults(() => read({ accountId: given }), [expected]);
  });
}

test('an empty value is an unset variable of a script, unless the AWS webhook accepts it', () => {
  assertFaults(() => read({ accountId: '' }), [/^--account-id: is given but empty; /]);
  const drop = { accountId: account({ emptyIsUnset: true, shownDefault: 'x', help: 'help' }) };
  assert.equal(readSettings(drop, { accountId: '' }, {}).accountId, undefined);
});
