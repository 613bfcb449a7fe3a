import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDefault } from './describe-default.ts';
import { choice, durationMs, list, port, string, toggle } from './kinds.ts';
import type { Setting } from './settings.ts';

const help = 'help';
const quoted = (literal: string) => `<${literal}>`;

const CASES: readonly (readonly [string, Setting<unknown>, string | undefined])[] = [
  ['a number', port({ default: 443, help }), '<443>'],
  ['a choice', choice({ values: ['a', 'b'], default: 'b', help }), '<b>'],
  ['a duration', durationMs({ defaultMs: 86_400_000, help }), '<24h>'],
  ['a duration of nothing', durationMs({ defaultMs: 0, help }), '<0s>'],
  ['a switch that is on', toggle({ default: true, help }), '<true>'],
  ['a switch that is off', toggle({ default: false, help }), undefined],
  ['an empty string', string({ value: '<file>', default: '', help }), undefined],
  ['an optional string', string({ value: '<file>', help }), undefined],
  ['an empty list', list({ value: '<file>', help }), undefined],
  ['a required list', list({ value: '<file>', required: true, help }), undefined],
  ['words', string({ value: '<file>', shownDefault: 'that of the cluster', help }), 'that of the cluster'],
  [
    'words for an empty string',
    string({ value: '<cpu>', default: '', shownDefault: 'no limit', help }),
    'no limit',
  ],
];
for (const [name, setting, expected] of CASES) {
  test(`default of ${name}`, () => assert.equal(describeDefault(setting, quoted), expected));
}
