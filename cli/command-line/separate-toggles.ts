import { PodroleError } from '../../lib/errors.ts';
import { flagName, type SettingsTable } from '../../lib/settings/settings.ts';
import { parseGoBool } from '../../lib/text/go-values.ts';
import { NO_COLOR_FLAG } from '../color.ts';

/**
 * Returns the arguments of a command so that a switch never takes the next argument as its value. In
 * `--approve web`, web is an operand. `-R` becomes `--recursive=true`. As in kubectl, `-n=shop` is `-n shop`.
 * @throws PodroleError INVALID_SETTING for `--approve false`, which could mean both
 */
export function separateToggles(args: readonly string[], table: SettingsTable): readonly string[] {
  const { toggles, valued } = namesIn(table);
  const separated: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') return [...separated, ...args.slice(at)];
    if (valued.has(arg)) {
      separated.push(arg, ...args.slice(at + 1, at + 2));
      at += 1;
      continue;
    }
    const flags = toggles.has(arg) ? [arg] : togglesBeforeValue(arg, { toggles, valued });
    const last = flags.at(-1);
    if (last !== undefined && toggles.has(last)) refuseBoolean(toggles.get(last) ?? last, args[at + 1]);
    for (const flag of flags) {
      const name = toggles.get(flag);
      separated.push(name === undefined ? flag : `${name}=true`);
    }
  }
  return separated;
}

/** Spellings of flags, each with its long one. */
interface Spellings {
  readonly toggles: ReadonlyMap<string, string>;
  /** Flags that take a value. */
  readonly valued: ReadonlyMap<string, string>;
}

function namesIn(table: SettingsTable): Spellings {
  const toggles = new Map<string, string>();
  const valued = new Map<string, string>();
  for (const [name, { short, aliases = [], value }] of Object.entries(table)) {
    const long = `--${flagName(name)}`;
    const spellings = [long, ...aliases.map((alias) => `--${flagName(alias)}`)];
    if (short) spellings.push(`-${short}`);
    for (const spelling of spellings) {
      const written = spelling.startsWith('--') ? spelling : long;
      (value === '' ? toggles : valued).set(spelling, written);
    }
  }
  return { toggles, valued };
}

/**
 * Returns `-Rf` as `-R`, `-f`: commander would take `f` as the value of `-R`. `-R=true` and `-n=shop` become
 * long flags: it would take `=shop` as the value. Other arguments stay.
 */
function togglesBeforeValue(arg: string, { toggles, valued }: Spellings): string[] {
  const flags: string[] = [];
  if (!/^-[A-Za-z]/.test(arg)) return [withoutStrayValue(arg, { toggles, valued })];
  let at = 1;
  while (at + 1 < arg.length && arg[at + 1] !== '=' && toggles.has(`-${arg[at]}`)) {
    flags.push(`-${arg[at]}`);
    at += 1;
  }
  const last = `-${arg[at]}`;
  const long = arg[at + 1] === '=' ? (toggles.get(last) ?? valued.get(last)) : undefined;
  return [...flags, long === undefined ? `-${arg.slice(at)}` : `${long}${arg.slice(at + 1)}`];
}

/** Flags of every command, which take no value. */
const WITHOUT_VALUE = new Set([NO_COLOR_FLAG, '--help', '--version']);

/** Drops the value of an unknown flag, so that commander finds the nearest one. The value may be a token. */
function withoutStrayValue(arg: string, { toggles, valued }: Spellings): string {
  const [, flag = arg] = /^(--[a-z][\w-]*)=/i.exec(arg) ?? [];
  return toggles.has(flag) || valued.has(flag) || WITHOUT_VALUE.has(flag) ? arg : flag;
}

function refuseBoolean(flag: string, next: string | undefined): void {
  if (next === undefined || !/^(?:true|false)$/i.test(next) || parseGoBool(next) === undefined) return;
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object: `${flag} ${next}`,
    problem: 'is a switch and a further argument',
    remedy: `give ${flag}=${next}`,
  });
}
