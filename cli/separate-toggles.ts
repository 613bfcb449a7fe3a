import { PodroleError } from '../lib/errors.ts';
import { flagName, type SettingsTable } from '../lib/settings/settings.ts';
import { parseGoBool } from '../lib/text/go-values.ts';

/**
 * Returns the arguments of a command so that a switch never takes the next argument as its value. In
 * `--approve web`, web is an operand. `-R` becomes `--recursive=true`.
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
    const flags = toggles.has(arg) ? [arg] : togglesBeforeValue(arg, toggles);
    const last = flags.at(-1);
    if (last !== undefined && toggles.has(last)) refuseBoolean(toggles.get(last) ?? last, args[at + 1]);
    for (const flag of flags) {
      const name = toggles.get(flag);
      separated.push(name === undefined ? flag : `${name}=true`);
    }
  }
  return separated;
}

/** The spellings of switches, each with its long flag, and those of flags that take a value. */
function namesIn(table: SettingsTable) {
  const toggles = new Map<string, string>();
  const valued = new Set<string>();
  for (const [name, { short, aliases = [], value }] of Object.entries(table)) {
    const long = `--${flagName(name)}`;
    const spellings = [long, ...aliases.map((alias) => `--${flagName(alias)}`)];
    if (short) spellings.push(`-${short}`);
    for (const spelling of spellings) {
      if (value !== '') valued.add(spelling);
      else toggles.set(spelling, spelling.startsWith('--') ? spelling : long);
    }
  }
  return { toggles, valued };
}

/** Returns `-Rf` as `-R`, `-f`: commander would take `f` as the value of `-R`. Other arguments stay. */
function togglesBeforeValue(arg: string, toggles: ReadonlyMap<string, string>): string[] {
  const flags: string[] = [];
  if (!/^-[A-Za-z]/.test(arg)) return [arg];
  let at = 1;
  while (at + 1 < arg.length && arg[at + 1] !== '=' && toggles.has(`-${arg[at]}`)) {
    flags.push(`-${arg[at]}`);
    at += 1;
  }
  return [...flags, `-${arg.slice(at)}`];
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
