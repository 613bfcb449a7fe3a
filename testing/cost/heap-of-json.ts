import { measureJson } from '../../lib/json/json-bounds.ts';

/**
 * Compares the heap size of parsed JSON with the webhook's estimate, and prints both as JSON. Needs
 * `--expose-gc` and a separate process: nothing else may allocate memory at the same time.
 */
export interface HeapOfJson {
  readonly name: string;
  readonly textBytes: number;
  readonly heapBytes: number;
  readonly countedBytes: number;
}

/**
 * Approximate size of each sample by the webhook's estimate: a third of the limit, far more than the noise.
 */
const COUNTED_BYTES = 5_000_000;

const range = <T>(size: number, item: (index: number) => T): T[] =>
  Array.from({ length: size }, (_, i) => item(i));
const chain = (keyOf: (level: number) => string, deep: number) =>
  `${range(deep, (level) => `{"${keyOf(level)}":`).join('')}0${'}'.repeat(deep)}`;
const objectOf = (keys: readonly (string | number)[], value: string) =>
  `{${keys.map((key) => `"${key}":${value}`).join(',')}}`;

let unique = 0;
const uniqueKey = () => {
  unique += 1;
  return `k${unique}`;
};
const uniqueKeys = (count: number, value: string) => () => objectOf(range(count, uniqueKey), value);

/** Number of items in a list of the largest allowed size. */
const ITEMS: Readonly<Record<string, (index: number) => string>> = {
  objects: () => '{}',
  lists: () => '[]',
  'lists in lists': () => `${'['.repeat(196)}${']'.repeat(196)}`,
  numbers: () => '1.5',
  strings: (index) => `"s${index}"`,
  'wide strings': (index) => `"\u20ac${index}"`,
  'long wide strings': () => `"\u20ac${'a'.repeat(1_000)}"`,
  'long escaped strings': () => `"\\u20ac${'a'.repeat(1_000)}"`,
  containers: (index) => `{"name":"c${index}"}`,
  variables: (index) => `{"name":"V${index}","value":"${index}"}`,
  'objects with the key 34': () => '{"34":0}',
  'objects with a fraction at the key 34': () => '{"34":1.5}',
  'objects with six keys up to 136': () => objectOf([136, 0, 1, 2, 3, 4], '0'),
  ...Object.fromEntries(
    ['33', '34', '35', '500', 'a'].map((key) => [`chains of the key ${key}`, () => chain(() => key, 196)]),
  ),
  'chains of unique keys': () => chain(uniqueKey, 196),
  'chains of the key 34 and unique keys': () => chain(() => `34":0,"${uniqueKey()}`, 196),
  'objects with a unique key': uniqueKeys(1, '0'),
  'objects with 20 unique keys': uniqueKeys(20, '0.5'),
  'objects with 100 unique keys': uniqueKeys(100, '0.5'),
  'objects with 200 unique keys': uniqueKeys(200, '0.5'),
  'objects with 20 number keys far apart': () =>
    objectOf(
      range(20, (i) => i * 1_000_000),
      '0.5',
    ),
};

/**
 * Samples of one object: its key table doubles in size, so that the worst sizes are just above a power of
 * two.
 */
const OBJECTS = Object.fromEntries(
  [22_000, 30_000].flatMap((size) => [
    [
      `an object of ${size} keys`,
      objectOf(
        range(size, (i) => `v${i}`),
        '0.5',
      ),
    ],
    [
      `an object of ${size} number keys`,
      objectOf(
        range(size, (i) => i * 3_000),
        '0.5',
      ),
    ],
  ]),
);

function listOf(item: (index: number) => string): string {
  const counted = measureJson(Buffer.from(`[${item(0)}]`)).parsedBytes;
  return `[${range(Math.ceil(COUNTED_BYTES / counted), item).join(',')}]`;
}

function heapUsed(): number {
  if (!globalThis.gc) throw new Error('needs --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** Keeps the measured values from being collected. */
const kept = new Set<unknown>();

function measure(name: string, json: string): HeapOfJson {
  const text = Buffer.from(json);
  // As the webhook parses it. The string is garbage before the heap is measured.
  const parse = () => JSON.parse(text.toString('utf8')) as unknown;
  const before = heapUsed();
  kept.add(parse());
  const heapBytes = heapUsed() - before;
  kept.clear();
  return { name, textBytes: text.length, heapBytes, countedBytes: measureJson(text).parsedBytes };
}

measure('warm up', '[{}]');
const lists = Object.entries(ITEMS).map(([name, item]) => measure(name, listOf(item)));
const objects = Object.entries(OBJECTS).map(([name, text]) => measure(name, text));
process.stdout.write(JSON.stringify([...lists, ...objects]));
