import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideAudience, decideExpiration, decideRegionalSts } from './values.ts';

const given = (value: string | undefined) => ({ object: 'this Pod', key: 'x/y', value });
const warning = (rest: string) => `this Pod: annotation x/y is ${rest}`;

test('a lifetime that is not a number of seconds has no effect, and the warning says how to write it', () => {
  const none = 'write a number of seconds, such as 86400';
  const cases: [value: string | undefined, seconds: number, rest?: string][] = [
    [undefined, 1_800],
    ['7200', 7_200],
    ['+7200', 7_200],
    ['600', 600],
    ['4294967296', 2 ** 32],
    ['24h', 1_800, '"24h" and has no effect; write 86400'],
    ['1h30m', 1_800, '"1h30m" and has no effect; write 5400'],
    [' 7200', 1_800, '" 7200" and has no effect; write 7200'],
    ['7200\n', 1_800, '"7200 " and has no effect; write 7200'],
    ['', 1_800, `"" and has no effect; ${none}`],
    ['1d', 1_800, `"1d" and has no effect; ${none}`],
    ['1.5', 1_800, `"1.5" and has no effect; ${none}`],
    ['0s', 1_800, `"0s" and has no effect; ${none}`],
    ['never', 1_800, `"never" and has no effect; ${none}`],
    ['599', 600, '"599", and 600 is used; write a number from 600 to 4294967296'],
    ['0', 600, '"0", and 600 is used; write a number from 600 to 4294967296'],
    ['-3600', 600, '"-3600", and 600 is used; write a number from 600 to 4294967296'],
    ['4294967297', 2 ** 32, '"4294967297", and 4294967296 is used; write a number from 600 to 4294967296'],
  ];
  for (const [value, seconds, rest] of cases) {
    const expected = { value: seconds, warnings: rest === undefined ? [] : [warning(rest)] };
    assert.deepEqual(decideExpiration([given(value)], 1_800), expected, value);
  }
});

test('the first usable lifetime counts, and a later one is not judged', () => {
  const { value, warnings } = decideExpiration([given('1h'), given('7200'), given('never')], 1_800);
  assert.deepEqual([value, warnings], [7_200, [warning('"1h" and has no effect; write 3600')]]);
});

test('only the booleans of Go are booleans', () => {
  for (const [value, expected] of [
    ['true', true],
    ['T', true],
    ['0', false],
    [undefined, true],
  ] as const) {
    assert.deepEqual(decideRegionalSts(given(value), true), { value: expected, warnings: [] });
  }
  for (const value of ['yes', 'no', 'on', '', ' true', 'tRUE', 'regional', 'legacy']) {
    const warnings = [warning(`"${value}" and has no effect; write true or false`)];
    assert.deepEqual(decideRegionalSts(given(value), true), { value: true, warnings });
    assert.deepEqual(decideRegionalSts(given(value), false), { value: false, warnings });
  }
});

test('an audience without characters is not used', () => {
  const sts = 'sts.amazonaws.com';
  for (const value of ['', ' ', '\t\n']) {
    const { value: audience, warnings } = decideAudience(given(value), sts);
    assert.equal(audience, sts);
    assert.match(warnings.join(), /and has no effect; write "sts.amazonaws.com", or remove it$/);
  }
  assert.deepEqual(decideAudience(given(undefined), sts), { value: sts, warnings: [] });
  assert.deepEqual(decideAudience(given('a b'), sts), { value: 'a b', warnings: [] });
  assert.deepEqual(decideAudience(given('sts '), sts), {
    value: 'sts ',
    warnings: [warning('"sts ", and was injected as it is; remove the white space around it')],
  });
});
