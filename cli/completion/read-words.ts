import { flagName, type Setting, type SettingsTable } from '../../lib/settings/settings.ts';

export interface Flag {
  readonly name: string;
  readonly setting: Setting<unknown>;
}

/** The words of a command line before the one that is completed. */
export interface ReadWords {
  /** Values of flags by name of the setting; the last one counts. */
  readonly given: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
  /** Flag whose value comes next. */
  readonly pending: Flag | undefined;
  /** True after `--`: all further words are operands. */
  readonly isEnded: boolean;
}

/** Returns every spelling of every flag: `--namespace`, `-n`. */
export function flagsOf(table: SettingsTable): ReadonlyMap<string, Flag> {
  const flags = new Map<string, Flag>();
  for (const [name, setting] of Object.entries(table)) {
    for (const each of [name, ...(setting.aliases ?? [])])
      flags.set(`--${flagName(each)}`, { name, setting });
    if (setting.short) flags.set(`-${setting.short}`, { name, setting });
  }
  return flags;
}

/** Reads words as `program.ts` does, and skips what it would refuse. */
export function readWords(words: readonly string[], flags: ReadonlyMap<string, Flag>): ReadWords {
  const given = new Map<string, string>();
  const operands: string[] = [];
  let pending: Flag | undefined;
  for (const [at, word] of words.entries()) {
    if (pending) {
      given.set(pending.name, word);
      pending = undefined;
    } else if (word === '--') {
      operands.push(...words.slice(at + 1));
      return { given, operands, pending, isEnded: true };
    } else if (!word.startsWith('-') || word === '-') {
      operands.push(word);
    } else {
      pending = readFlag(word, flags, given);
    }
  }
  return { given, operands, pending, isEnded: false };
}

/** Takes the value that is attached to a flag; returns the flag if its value is the next word. */
function readFlag(
  word: string,
  flags: ReadonlyMap<string, Flag>,
  given: Map<string, string>,
): Flag | undefined {
  const { flag, value } = splitFlag(word, flags) ?? {};
  if (!flag) return undefined;
  if (value !== undefined) given.set(flag.name, value);
  else if (flag.setting.value === '') given.set(flag.name, 'true');
  else return flag;
  return undefined;
}

/** Splits `--output=json`, `-o=json`, `-ojson` and `-Ao` into the last flag and its value. */
export function splitFlag(
  word: string,
  flags: ReadonlyMap<string, Flag>,
): { flag: Flag; value: string | undefined } | undefined {
  const whole = flags.get(word);
  if (whole) return { flag: whole, value: undefined };
  const equals = word.indexOf('=');
  const before = equals < 0 ? undefined : flags.get(word.slice(0, equals));
  if (before) return { flag: before, value: word.slice(equals + 1) };
  if (word.startsWith('--')) return undefined;
  for (let at = 1; at < word.length; at++) {
    const flag = flags.get(`-${word[at]}`);
    if (!flag) return undefined;
    const rest = word.slice(at + 1);
    if (flag.setting.value !== '' || rest === '') return { flag, value: rest || undefined };
  }
  return undefined;
}
