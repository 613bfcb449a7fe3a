import { type Fault, throwIfAny } from '../../lib/errors.ts';

/**
 * Returns the tags of `--tags key=value`.
 * @throws PodroleError `INVALID_SETTING` with a fault for each value of another form
 */
export function parseTags(pairs: readonly string[]): Readonly<Record<string, string>> {
  const faults = pairs
    .filter((pair) => pair.indexOf('=') < 1)
    .map(
      (pair): Fault => ({
        code: 'INVALID_SETTING',
        object: '--tags',
        problem: `holds ${JSON.stringify(pair)}`,
        remedy: 'write key=value',
      }),
    );
  throwIfAny(faults);
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}
