import { formatDurationMs, parseGoBool, parseGoDurationMs } from '../text/go-values.ts';
import { nearestName } from '../text/nearest-name.ts';
import type { Setting } from './settings.ts';

type Described = Pick<
  Setting<unknown>,
  'help' | 'shownDefault' | 'short' | 'aliases' | 'variables' | 'isSecret' | 'emptyIsUnset'
>;

/** A setting that always has a value: it is required, or it has a default. */
export type Certain<T> = Described &
  (
    | { readonly required: true; readonly default?: never }
    | { readonly default: T; readonly required?: never }
  );

/** A setting whose value is undefined if it is not given. */
export type Optional = Described & { readonly required?: never; readonly default?: never };

interface Parsing<T> {
  readonly value: string;
  /** Completes "must be ...". */
  readonly expected: string;
  /** Returns undefined for a string that is not `expected`. */
  readonly parse: (given: string) => T | undefined;
}

/** A setting with its own parser: what all other kinds are made of. */
export function parsed<T>(options: Parsing<T> & Certain<T>): Setting<T>;
export function parsed<T>(options: Parsing<T> & Optional): Setting<T | undefined>;
export function parsed<T>(options: Parsing<T> & (Certain<T> | Optional)): Setting<T | undefined>;
export function parsed<T>({
  parse,
  expected,
  ...options
}: Parsing<T> & (Certain<T> | Optional)): Setting<T | undefined> {
  return {
    ...options,
    parse: (given) => {
      const value = parse(given);
      if (value === undefined) throw new Error(expected);
      return value;
    },
  };
}

interface StringOptions {
  readonly value: string;
}

/**
 * A string. An empty one is an error unless the default is empty: an unset variable in a script must not
 * switch off a guard.
 */
export function string(options: StringOptions & Certain<string>): Setting<string>;
export function string(options: StringOptions & Optional): Setting<string | undefined>;
export function string(options: StringOptions & (Certain<string> | Optional)): Setting<string | undefined> {
  const parse = (given: string) => (options.default === '' || given.trim() !== '' ? given : undefined);
  return parsed({ ...options, expected: 'a value', parse });
}

interface MatchingOptions {
  readonly value: string;
  readonly pattern: Pick<RegExp, 'test'>;
  readonly expected: string;
}

/** A string that matches a pattern, or is the default. */
export function matching(options: MatchingOptions & Certain<string>): Setting<string>;
export function matching(options: MatchingOptions & Optional): Setting<string | undefined>;
export function matching(
  options: MatchingOptions & (Certain<string> | Optional),
): Setting<string | undefined>;
export function matching({
  pattern,
  ...options
}: MatchingOptions & (Certain<string> | Optional)): Setting<string | undefined> {
  const parse = (given: string) => (given === options.default || pattern.test(given) ? given : undefined);
  return parsed({ ...options, parse });
}

/** A switch: `--name`, `--name=true`, `--name=false`, with the words of Go's ParseBool. */
export function toggle(options: Described & { readonly default: boolean }): Setting<boolean> {
  return parsed({ ...options, value: '', expected: 'true or false', parse: parseGoBool });
}

interface IntegerOptions {
  readonly value: string;
  readonly min: number;
  readonly max: number;
}

export function integer(options: IntegerOptions & Certain<number>): Setting<number>;
export function integer(options: IntegerOptions & Optional): Setting<number | undefined>;
export function integer({
  min,
  max,
  ...options
}: IntegerOptions & (Certain<number> | Optional)): Setting<number | undefined> {
  const parse = (given: string) => {
    const value = /^-?\d+$/.test(given) ? Number(given) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  };
  return parsed({ ...options, expected: `a whole number from ${min} to ${max}`, parse });
}

/** A port to listen on; 0 takes a free one. */
export function port(options: Described & { readonly default: number }): Setting<number> {
  return integer({ ...options, value: '<port>', min: 0, max: 65_535 });
}

interface DurationOptions {
  readonly defaultMs: number;
  readonly minMs?: number;
}

/** A duration in Go's syntax; the value is in milliseconds. */
export function durationMs({
  defaultMs,
  minMs = 0,
  ...options
}: Described & DurationOptions): Setting<number> {
  const parse = (given: string) => {
    const ms = parseGoDurationMs(given);
    return ms !== undefined && ms >= minMs ? ms : undefined;
  };
  const expected =
    minMs > 0 ? `a duration of ${formatDurationMs(minMs)} or more` : 'a duration such as 30s, 1m30s or 0';
  return {
    ...parsed({ ...options, default: defaultMs, value: '<duration>', expected, parse }),
    writtenDefault: formatDurationMs(defaultMs),
  };
}

export function choice<const T extends string>({
  values,
  renamed = {},
  ...options
}: Described & {
  readonly values: readonly T[];
  readonly default: NoInfer<T>;
  /** New values by the old ones, which are an error that names the new one. */
  readonly renamed?: Readonly<Record<string, NoInfer<T>>>;
}): Setting<T> {
  return {
    ...options,
    value: `<${values.join('|')}>`,
    parse: (given) => {
      const value = values.find((candidate) => candidate === given);
      if (value !== undefined) return value;
      const now = Object.hasOwn(renamed, given) ? renamed[given] : undefined;
      if (now !== undefined) throw new Error(`one of ${values.join(', ')}; ${given} is now ${now}`);
      const nearest = nearestName(given, values, 2);
      throw new Error(
        `one of ${values.join(', ')}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
      );
    },
  };
}

/**
 * A list that a user may give as the whole list, so that an empty one means "none". Only the flag may be
 * empty: an unset variable of a script must not take anything away. Undefined if it is not given.
 */
export function wholeList(
  options: Described & { readonly value: string },
): Setting<readonly string[] | undefined> {
  const { parse, many } = list(options);
  return {
    ...options,
    ...(many ? { many } : {}),
    flagMayBeEmpty: true,
    parse: (given) => (given === '' ? [] : parse(given)),
  };
}

/**
 * A comma list, or the flag several times. Empty items are dropped; a list without other items is an error.
 */
export function list(
  options: Described & { readonly value: string; readonly required?: true },
): Setting<readonly string[]> {
  const parse = (given: string) => {
    const items = given
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
    return items.length === 0 ? undefined : items;
  };
  const { required, ...described } = options;
  const presence = required ? { required } : { default: [] };
  const expected = 'a list with at least one item';
  return { ...parsed<readonly string[]>({ ...described, ...presence, expected, parse }), many: true };
}
