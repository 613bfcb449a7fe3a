import { type Fault, messageOf, PodroleError } from '../errors.ts';
import { MAX_FILE_BYTES, readRegularFileSync } from '../files/read-file.ts';
import { EncodingError, textOfFile } from '../files/text-of-file.ts';
import { parseGoBool, parseGoDurationMs } from '../text/go-values.ts';
import { firstFlag, firstOther, firstVariable } from './given-setting.ts';

/** One setting of a command: a flag, its environment variable, its default, and how its text becomes a value. */
export interface Setting<T> {
  /** One sentence for `--help` and docs/settings.md. */
  readonly help: string;
  /** What stands behind the flag in `--help`; empty for a switch. */
  readonly placeholder: string;
  /** The value where neither flag nor variable is given; undefined where there is none. */
  readonly fallback: T;
  /** The default as its user would write it, where that is not how it prints. */
  readonly fallbackText?: string;
  /** One letter: `f` for `-f`. */
  readonly short?: string;
  /** Other names of the flag, in camel case like the keys of a table. */
  readonly aliases?: readonly string[];
  readonly required?: true;
  /** Name of a switch that does without this setting though it is required. */
  readonly unless?: string;
  /** Variables of others, by their whole names, that are read where ours is not set; an empty one is not set. */
  readonly variables?: readonly string[];
  /** Errors do not repeat the value. */
  readonly isSecret?: true;
  /** An empty value counts as not given: for flags that are empty by default, and in the manifests, of the AWS webhook. */
  readonly emptyIsUnset?: true;
  /** The flag may be given several times; its texts are then joined by commas. */
  readonly many?: true;
  /** The value of one text; throws an Error that says what the text should have been. */
  readonly parse: (text: string) => T;
}

/** Settings of a command by name in camel case: `tokenMountPath` is `--token-mount-path` and `PODROLE_TOKEN_MOUNT_PATH`. */
export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;
export type SettingsOf<Table extends SettingsTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never;
};

type Extras = Pick<
  Setting<unknown>,
  'short' | 'aliases' | 'variables' | 'unless' | 'isSecret' | 'emptyIsUnset'
>;

/** A text with a default. An empty one is an error, unless that is the default. */
export function text(
  placeholder: string,
  fallback: string,
  help: string,
  extras: Extras = {},
): Setting<string> {
  return { help, placeholder, fallback, parse: fallback === '' ? (given) => given : notEmpty, ...extras };
}

/** An optional string. An empty one is an error: an unset variable in a script must not switch off a guard. */
export function optionalText(
  placeholder: string,
  help: string,
  extras: Extras = {},
): Setting<string | undefined> {
  return { help, placeholder, fallback: undefined, parse: notEmpty, ...extras };
}

/** A text that must be given. */
export function requiredText(placeholder: string, help: string, extras: Extras = {}): Setting<string> {
  return { help, placeholder, fallback: '', required: true, parse: notEmpty, ...extras };
}

/** A text that must match; `expected` completes "must be …". */
export function matching(
  pattern: Pick<RegExp, 'test'>,
  expected: string,
  placeholder: string,
  fallback: string,
  help: string,
  extras: Extras = {},
): Setting<string> {
  return { help, placeholder, fallback, parse: check((given) => pattern.test(given), expected), ...extras };
}

/** `--name`, `--name=true`, `--name=false`, with the words of Go's ParseBool. */
export function toggle(fallback: boolean, help: string): Setting<boolean> {
  return { help, placeholder: '', fallback, parse: defined(parseGoBool, 'true or false') };
}

export function integer(
  { min, max }: { min: number; max: number },
  placeholder: string,
  fallback: number,
  help: string,
): Setting<number> {
  const parse = (given: string) => {
    const value = /^-?\d+$/.test(given) ? Number(given) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  };
  return { help, placeholder, fallback, parse: defined(parse, `a whole number from ${min} to ${max}`) };
}

export function port(fallback: number, help: string): Setting<number> {
  return integer({ min: 0, max: 65_535 }, '<port>', fallback, help);
}

/** A duration as Go writes it; the value is in milliseconds. */
export function durationMs(fallbackMs: number, help: string): Setting<number> {
  return {
    help,
    placeholder: '<duration>',
    fallback: fallbackMs,
    fallbackText: `${fallbackMs / 1_000}s`,
    parse: defined(parseGoDurationMs, 'a duration such as 30s, 1m30s or 0'),
  };
}

export function choice<const T extends string>(
  values: readonly T[],
  fallback: T,
  help: string,
  extras: Extras = {},
): Setting<T> {
  const parse = (given: string) => values.find((value) => value === given);
  return {
    help,
    placeholder: `<${values.join('|')}>`,
    fallback,
    parse: defined(parse, `one of ${values.join(', ')}`),
    ...extras,
  };
}

/** A comma list, or the flag several times. Empty items are dropped; a list with no other items is an error. */
export function list(placeholder: string, help: string, extras: Extras = {}): Setting<readonly string[]> {
  const parse = (given: string) => {
    const items = given
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
    if (items.length === 0) throw new Error('a list with at least one item');
    return items;
  };
  return { help, placeholder, fallback: [], many: true, parse, ...extras };
}

/** A comma list that must be given. */
export function requiredList(
  placeholder: string,
  help: string,
  extras: Extras = {},
): Setting<readonly string[]> {
  return { ...list(placeholder, help, extras), required: true };
}

/** The default for a page or `--help`; undefined where there is none worth a word. */
export function describeDefault({ fallback, fallbackText, required }: Setting<unknown>): string | undefined {
  if (required) return undefined;
  if (fallbackText !== undefined) return fallbackText;
  if (fallback === undefined || fallback === '' || fallback === false) return undefined;
  return Array.isArray(fallback) && fallback.length === 0 ? undefined : String(fallback);
}

export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}

export function variableName(name: string): string {
  return `PODROLE_${flagName(name).replaceAll('-', '_').toUpperCase()}`;
}

/**
 * The values of a table: the flag, else the variable, else the default.
 * @param given what the command line holds, by name in camel case: a text, or `true` for a switch without a value
 * @throws PodroleError with a fault for every setting that is missing or malformed
 */
export function readSettings<Table extends SettingsTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): SettingsOf<Table> {
  const faults: Fault[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const names = [name, ...(setting.aliases ?? [])];
    const found =
      firstFlag(names, flagName, given) ??
      firstVariable(names.map(variableName), env) ??
      firstOther(setting.variables, env);
    if (found === undefined || (setting.emptyIsUnset && found.text === '')) {
      values[name] = setting.fallback;
      if (setting.required && !values[setting.unless ?? '']) faults.push(missing(name, setting));
      continue;
    }
    try {
      values[name] = setting.parse(found.text);
    } catch (thrown) {
      faults.push({
        code: 'INVALID_SETTING',
        object: found.origin,
        ...problemOf(found.text, setting, messageOf(thrown)),
      });
    }
  }
  if (faults.length > 0) throw new PodroleError(faults);
  return values as SettingsOf<Table>;
}

function problemOf(
  given: string,
  { isSecret }: Setting<unknown>,
  expected: string,
): Pick<Fault, 'problem' | 'remedy'> {
  if (given === '') return { problem: 'is given but empty', remedy: 'give it a value, or leave it out' };
  const problem = isSecret ? `must be ${expected}` : `is ${JSON.stringify(given)}, must be ${expected}`;
  return { problem, remedy: 'see --help' };
}

/** Returns the content of a file that a setting names. An error names both. @param read readInputSync: also from a pipe */
export function readSettingFile(
  flag: string,
  path: string,
  read: (path: string, maxBytes: number) => Buffer = readRegularFileSync,
): string {
  try {
    return textOfFile(read(path, MAX_FILE_BYTES.configuration));
  } catch (thrown) {
    throw new PodroleError(
      {
        code: 'UNREADABLE_FILE',
        object: `${flag} ${path}`,
        problem: messageOf(thrown),
        remedy: thrown instanceof EncodingError ? thrown.remedy : 'name a file that this process may read',
      },
      { cause: thrown },
    );
  }
}

/** Every variable that may take the flag's place, ours first. */
export function variablesOf(name: string, { variables = [] }: Setting<unknown>): readonly string[] {
  return [variableName(name), ...variables];
}

function missing(name: string, setting: Setting<unknown>): Fault {
  return {
    code: 'MISSING_SETTING',
    object: `--${flagName(name)}`,
    problem: 'is not set',
    remedy: `give it, or set ${variablesOf(name, setting).join(' or ')}; see --help`,
  };
}

function notEmpty(given: string): string {
  if (given.trim() === '') throw new Error('a value');
  return given;
}

function check(accept: (given: string) => boolean, expected: string): (given: string) => string {
  return defined((given) => (accept(given) ? given : undefined), expected);
}

function defined<T>(parse: (given: string) => T | undefined, expected: string): (given: string) => T {
  return (given) => {
    const value = parse(given);
    if (value === undefined) throw new Error(expected);
    return value;
  };
}
