import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseGoBool, parseGoDurationMs } from './go-values.ts';

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
