import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDurationMs, parseGoBool, parseGoDurationMs, parseGoInt } from './go-values.ts';

test('booleans are the words of ParseBool and no others', () => {
  for (const word of ['1', 't', 'T', 'TRUE', 'true', 'True']) assert.equal(parseGoBool(word), true, word);
  for (const word of ['0', 'f', 'F', 'FALSE', 'false', 'False']) assert.equal(parseGoBool(word), false, word);
  for (const word of ['yes', 'no', 'tRUE', '', ' true', '2'])
    assert.equal(parseGoBool(word), undefined, word);
});

test('durations', () => {
  const cases: [text: string, ms: number | undefined][] = [
    ['60s', 60_000],
    ['1m30s', 90_000],
    ['0', 0],
    ['0s', 0],
    ['250ms', 250],
    ['0.5s', 500],
    ['2h', 7_200_000],
    ['60', undefined],
    ['-1s', undefined],
    ['1d', undefined],
    ['', undefined],
  ];
  for (const [text, ms] of cases) assert.equal(parseGoDurationMs(text), ms, text);
});

test('a formatted duration has the longest unit that it is a multiple of', () => {
  const cases: [ms: number, formatted: string][] = [
    [0, '0s'],
    [250, '250ms'],
    [1_500, '1500ms'],
    [30_000, '30s'],
    [60_000, '1m'],
    [90_000, '90s'],
    [86_400_000, '24h'],
    [90 * 86_400_000, '2160h'],
  ];
  for (const [ms, formatted] of cases) {
    assert.equal(formatDurationMs(ms), formatted);
    assert.equal(parseGoDurationMs(formatted), ms);
  }
});

test('integers', () => {
  const cases: [text: string, value: number | undefined][] = [
    ['600', 600],
    ['+600', 600],
    ['-1', -1],
    ['0600', 600],
    ['4294967297', 4_294_967_297],
    ['9223372036854775807', 2 ** 63],
    ['9223372036854775808', undefined],
    ['1_000', undefined],
    ['1e3', undefined],
    ['600.0', undefined],
    [' 600', undefined],
    ['0x10', undefined],
    ['', undefined],
  ];
  for (const [text, value] of cases) assert.equal(parseGoInt(text), value, text);
});
