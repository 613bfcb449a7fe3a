import { describeFault, type Fault, messageOf, PodroleError } from '../../lib/errors.ts';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { nearestName } from '../../lib/text/nearest-name.ts';
import { printable } from '../../lib/text/printable.ts';

/** Surroundings of one reading: where the files are, and where the faults go. */
export interface Reader {
  /** Name of the configuration in faults: its file. */
  readonly object: string;
  /** Content of a file that the configuration names; throws if it cannot be read. */
  readonly readText: (path: string) => string;
  readonly report: (path: string, problem: string, remedy?: string) => void;
  readonly take: (faults: readonly Fault[]) => void;
}

/** A member of an object, with the path of that object in faults. */
export interface Field {
  readonly owner: JsonObject;
  readonly name: string;
  readonly path: string;
}

/** The members of an object. An unknown member is a fault, since it is most likely misspelt. */
export function members(value: unknown, path: string, known: readonly string[], reader: Reader): JsonObject {
  const object = asObject(value);
  if (!object) reader.report(path, 'is not an object');
  for (const name of Object.keys(object ?? {})) {
    if (known.includes(name)) continue;
    const near = nearestName(name, known, 2);
    const suggested = near === undefined ? '' : `did you mean ${near}? `;
    reader.report(
      printable(`${path}.${name}`.replace(/^\./, '')),
      `is unknown; ${suggested}known are ${known.join(', ')}`,
    );
  }
  return object ?? {};
}

/** The entries of a list that must have at least one. */
export function items(config: JsonObject, name: string, reader: Reader): readonly unknown[] {
  const list = asArray(config[name]);
  if (!list || list.length === 0) reader.report(name, 'is missing or not a list with entries');
  return list ?? [];
}

interface TextListRule {
  readonly min: number;
  readonly max: number;
  readonly pattern: Pick<RegExp, 'test'>;
  /** Name of the strings that match: `strings of 1 to 255 characters`. */
  readonly strings: string;
}

/** A list of strings of this length that all match the pattern; a missing list is empty. */
export function textList(
  { owner, name, path }: Field,
  { min, max, pattern, strings }: TextListRule,
  reader: Reader,
): readonly string[] {
  const list = asArray(owner[name] ?? []);
  const fits = list?.every((item) => typeof item === 'string' && pattern.test(item));
  if (!list || !fits || list.length < min || list.length > max) {
    reader.report(`${path}.${name}`, `must be a list of ${min} to ${max} ${strings}`);
  }
  return (list ?? []).map(String);
}

/**
 * The content of the file that a member names; undefined if there is no such member, or the file cannot be
 * read.
 */
export function optionalFile({ owner, name, path }: Field, reader: Reader): string | undefined {
  const file = owner[name];
  if (file === undefined) return undefined;
  try {
    return reader.readText(String(file));
  } catch (thrown) {
    reader.report(
      `${path}.${name}`,
      thrown instanceof PodroleError ? thrown.faults.map(describeFault).join('; ') : messageOf(thrown),
    );
    return undefined;
  }
}

/** The entries by one of their members; two entries with the same value are a fault. */
export function unique<Name extends string, T extends Readonly<Record<Name, string>>>(
  entries: readonly T[],
  list: string,
  name: Name,
  reader: Reader,
): ReadonlyMap<string, T> {
  const byName = new Map<string, T>();
  for (const [at, entry] of entries.entries()) {
    if (byName.has(entry[name])) reader.report(`${list}[${at}].${name}`, `is used twice: ${entry[name]}`);
    byName.set(entry[name], entry);
  }
  return byName;
}
