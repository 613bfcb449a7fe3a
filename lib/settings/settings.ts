import { type Fault, messageOf, PodroleError, throwIfAny } from '../errors.ts';
import { MAX_FILE_BYTES, readRegularFileSync } from '../files/read-file.ts';
import { EncodingError, textOfFile } from '../files/text-of-file.ts';
import type { Env } from '../surroundings.ts';
import { firstFlag, firstOther, firstVariable } from './given-setting.ts';

/** One setting of a command: its flag, its variable, its default, and how a string becomes its value. */
export interface Setting<T> {
  /** One sentence for `--help` and docs/settings.md; describe-default.ts adds the default. */
  readonly help: string;
  /** Placeholder for the value in `--help`, such as `<file>`; empty for a switch. */
  readonly value: string;
  /** Value if neither flag nor variable is given; undefined if there is none. */
  readonly default?: T | undefined;
  /** The default in the syntax of the flag, if it is not `String(default)`: `24h`. */
  readonly writtenDefault?: string;
  /** Words for a default that is found at run time: `the current context`. */
  readonly shownDefault?: string;
  /** One letter: `f` for `-f`. */
  readonly short?: string;
  /** Other names of the flag, in camel case like the keys of a table. */
  readonly aliases?: readonly string[];
  readonly required?: true;
  /**
   * Full names of variables that others define. They are read if ours is not set; an empty one counts as not
   * set.
   */
  readonly variables?: readonly string[];
  /** Errors do not repeat the value. */
  readonly isSecret?: true;
  /**
   * An empty value counts as not given: for flags that are empty by default, and in the manifests, of the AWS
   * webhook.
   */
  readonly emptyIsUnset?: true;
  /** The flag may be empty, which is a value of its own; an empty variable is still an error. */
  readonly flagMayBeEmpty?: true;
  /** The flag may be repeated; its values are then joined by commas. */
  readonly many?: true;
  /** Returns the value of a string; throws an Error whose message completes "must be ...". */
  readonly parse: (given: string) => T;
}

/**
 * Settings of a command by name in camel case: `tokenMountPath` is `--token-mount-path` and
 * `PODROLE_TOKEN_MOUNT_PATH`.
 */
export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;
export type SettingsOf<Table extends SettingsTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never;
};

export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}

export function variableName(name: string): string {
  return `PODROLE_${flagName(name).replaceAll('-', '_').toUpperCase()}`;
}

/**
 * Reads the values of a table: the flag, else the variable, else the default.
 * @param given values of the command line by name in camel case: a string, or `true` for a switch without a
 * value
 * @throws PodroleError with a fault for every setting that is missing or malformed
 */
export function readSettings<Table extends SettingsTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
  env: Env,
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
      values[name] = setting.default;
      if (setting.required) faults.push(missing(name, setting));
      continue;
    }
    try {
      if (setting.flagMayBeEmpty && found.text === '' && !found.isFlag) throw new Error('a value');
      values[name] = setting.parse(found.text);
    } catch (thrown) {
      faults.push({
        code: 'INVALID_SETTING',
        object: found.origin,
        ...problemOf(found.text, setting, messageOf(thrown)),
      });
    }
  }
  throwIfAny(faults);
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

/**
 * Returns the content of a file that a setting names.
 * @param read readInputSync, to allow a pipe as well
 * @throws PodroleError `UNREADABLE_FILE`, naming flag and file
 */
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

/** Returns every variable that can replace the flag, ours first. */
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
