import { type Fault, throwIfAny } from '../../lib/errors.ts';

/**
 * Returns the tags of `--tags key=value`.
 * @throws PodroleError `INVALID_SETTING` with a fault for each value of another form, and for each key with
 *   two values: the last one would win silently
 */
export function parseTags(pairs: readonly string[]): Readonly<Record<string, string>> {
  const faults: Fault[] = [];
  const refuse = (problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object: '--tags', problem, remedy });
  const tags = new Map<string, string>();
  for (const pair of pairs) {
    const separator = pair.indexOf('=');
    const [key, value] = [pair.slice(0, separator), pair.slice(separator + 1)];
    if (separator < 1) refuse(`holds ${JSON.stringify(pair)}`, 'write key=value');
    else if ((tags.get(key) ?? value) !== value)
      refuse(`gives the tag ${JSON.stringify(key)} different values`, 'give one value for each key');
    else tags.set(key, value);
  }
  throwIfAny(faults);
  return Object.fromEntries(tags);
}
