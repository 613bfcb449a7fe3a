import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { HeapOfJson } from '../../testing/cost/heap-of-json.ts';
import { MAX_PARSED_BYTES, measureJson, whyTooLarge } from './json-bounds.ts';

const TOO_MUCH = 'may take more than 16777216 bytes of memory';
const of = (text: string) => whyTooLarge(measureJson(Buffer.from(text)));

test('JSON with too many or too deep values is refused before it is parsed', () => {
  const cases: [name: string, text: string, expected: string | undefined][] = [
    ['30,000 objects in a list', `[${'{},'.repeat(30_000)}{}]`, undefined],
    ['30,000 annotations', `{${'"":"",'.repeat(30_000)}"":""}`, undefined],
    ['objects', `[${'{},'.repeat(200_000)}{}]`, TOO_MUCH],
    ['lists', `[${'[],'.repeat(200_000)}[]]`, TOO_MUCH],
    ['numbers', `[${'1,'.repeat(200_000)}1]`, TOO_MUCH],
    ['keys', `{${'"":1,'.repeat(200_000)}"":1}`, TOO_MUCH],
    ['as deep as may be', `${'['.repeat(200)}${']'.repeat(200)}`, undefined],
    ['lists in lists', '['.repeat(1_000_000), 'is nested deeper than 200 levels'],
    ['objects in objects', '{"a":'.repeat(1_000_000), 'is nested deeper than 200 levels'],
    ['a string of what would be values', JSON.stringify('{[,'.repeat(1_000_000)), undefined],
    ['a string of wide characters', JSON.stringify('\u20ac'.repeat(2_000_000)), undefined],
    ['wide strings that become twice as long', JSON.stringify(`\u20ac${'a'.repeat(8_400_000)}`), TOO_MUCH],
    ['the same by an escape', `"\\u20ac${'a'.repeat(8_400_000)}"`, TOO_MUCH],
    ['quotes and backslashes in a string', JSON.stringify('\\"[,'.repeat(1_000_000)), undefined],
    ['a string that does not end', `"${'[,'.repeat(1_000_000)}`, undefined],
    ['nothing', '', undefined],
    ['closing brackets', ']'.repeat(1_000), undefined],
  ];
  for (const [name, text, expected] of cases) assert.equal(of(text), expected, name);
});

test('no JSON takes more of the heap than is estimated', () => {
  const script = fileURLToPath(new URL('../../testing/cost/heap-of-json.ts', import.meta.url));
  const measured: HeapOfJson[] = JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', script], { encoding: 'utf8', timeout: 120_000 }),
  );
  for (const { name, heapBytes, countedBytes } of measured) {
    assert.ok(heapBytes <= countedBytes, `${name}: ${heapBytes} of ${countedBytes} counted bytes`);
    assert.ok(countedBytes < MAX_PARSED_BYTES, `${name} would not be parsed`);
  }
});

test('a pod of 1.5 MiB of ordinary variables, arguments or annotations is read', () => {
  const size = 1.5 * 1024 * 1024;
  const podOf = (item: string, [open, close]: string) =>
    `{"kind":"Pod","field":${open}${Array(Math.floor(size / (item.length + 1))).fill(item)}${close}}`;
  const cases: [item: string, brackets: string][] = [
    ['{"name":"FEATURE_FLAGS_URL","value":"https://flags.shop.example.com/v1/feature/0001"}', '[]'],
    ['"--feature=12345"', '[]'],
    ['"example.com/0001":"true"', '{}'],
  ];
  for (const [item, brackets] of cases) assert.equal(of(podOf(item, brackets)), undefined, item);
});

test('JSON of a usual size is never refused', () => {
  fc.assert(fc.property(fc.json({ maxDepth: 50 }), (text) => assert.equal(of(text), undefined)));
});
