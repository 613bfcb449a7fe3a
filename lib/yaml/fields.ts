import { asArray, asObject } from '../json/json.ts';
import { nearestName } from '../text/nearest-name.ts';

/** `['bindings', 0, 'roleName']`. */
export type FieldPath = readonly (string | number)[];

/** Receives the faults of a file, and notices about it. */
export interface FileReport {
  readonly fault: (path: FieldPath, problem: string, remedy: string) => void;
  readonly notice: (path: FieldPath, text: string) => void;
  /** Returns file, line and path for a message: `cluster.yaml:4 metadata.name`. */
  readonly place: (path: FieldPath) => string;
}

/** Narrows the value of a field. Reports a value of another type, and returns undefined for it. */
export type FieldType<T> = (value: unknown, path: FieldPath, report: FileReport) => T | undefined;

export type FieldTable = Readonly<Record<string, FieldType<unknown>>>;
export type FieldsOf<Table extends FieldTable> = {
  readonly [Name in keyof Table]: Table[Name] extends FieldType<infer T> ? T | undefined : never;
};

/** With more edits than this, a name is another word and not a typing error. */
const MAX_EDITS = 3;

export const text: FieldType<string> = (value, path, report) => {
  if (typeof value === 'string' && value !== '') return value;
  report.fault(path, 'must be a string', 'put it in quotes, or leave the field out');
  return undefined;
};

export const flag: FieldType<boolean> = (value, path, report) => {
  if (typeof value === 'boolean') return value;
  report.fault(path, 'is neither true nor false', 'write true or false, without quotes');
  return undefined;
};

export function integer({ min, max }: { min: number; max: number }): FieldType<number> {
  return (value, path, report) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    report.fault(path, `is not a whole number from ${min} to ${max}`, 'correct it, or leave it out');
    return undefined;
  };
}

export function oneOf(known: readonly string[]): FieldType<string> {
  return (value, path, report) => {
    const found = known.find((name) => name === value);
    if (found === undefined) report.fault(path, 'is unknown', suggest(String(value), known));
    return found;
  };
}

export function listOf<T>(item: FieldType<T>): FieldType<readonly T[]> {
  return (value, path, report) => {
    const items = asArray(value);
    if (!items) report.fault(path, 'is not a list', 'begin each entry with "- "');
    return items
      ?.map((entry, at) => item(entry, [...path, at], report))
      .filter((entry) => entry !== undefined);
  };
}

/** Strings by name: tags, labels, annotations. */
export const textMap: FieldType<Readonly<Record<string, string>>> = (value, path, report) => {
  const map = asObject(value);
  if (!map) report.fault(path, 'is not a mapping', 'write NAME: VALUE');
  const entries = Object.entries(map ?? {}).filter(([name, item]) => {
    if (typeof item !== 'string') report.fault([...path, name], 'must be a string', 'put it in quotes');
    return typeof item === 'string';
  });
  return Object.fromEntries(entries.map(([name, item]) => [name, String(item)]));
};

/**
 * An object with these fields. A `null` counts as a missing field. An unknown field is a fault: it is
 * probably misspelt.
 */
export function objectOf<Table extends FieldTable>(
  table: Table,
  required: readonly (keyof Table & string)[] = [],
): FieldType<FieldsOf<Table>> {
  const known = Object.keys(table);
  return (value, path, report) => {
    const object = asObject(value);
    if (!object) {
      report.fault(path, 'is not a mapping', `write its fields: ${known.slice(0, 3).join(', ')} and others`);
      return undefined;
    }
    for (const name of Object.keys(object)) {
      if (!known.includes(name)) report.fault([...path, name], 'is unknown', suggest(name, known));
    }
    for (const name of required) {
      if (isAbsent(object[name])) report.fault([...path, name], 'is missing', 'give it');
    }
    const fields = Object.entries(table).map(([name, type]) => {
      const given = object[name];
      return [name, isAbsent(given) ? undefined : type(given, [...path, name], report)];
    });
    return Object.fromEntries(fields) as FieldsOf<Table>;
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function suggest(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known, MAX_EDITS);
  return meant ? `write ${meant}` : `known names: ${known.join(', ')}`;
}
