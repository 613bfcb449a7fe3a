import { type Fault, throwIfAny } from '../../lib/errors.ts';
import { looksLikeFile } from '../../lib/operands/file-operand.ts';
import { flagName } from '../../lib/settings/settings.ts';
import type { Command } from '../command.ts';
import { SEPARATOR_MISSING } from './habits.ts';

/** Settings that name the file or folder that a command reads or writes, the likeliest first. */
const FILE_SETTINGS = ['filename', 'config', 'out', 'to'] as const;

/**
 * Refuses operands that a command does not take. One that looks like a file is answered with the flag for it:
 * a shell makes `-f a.yaml b.yaml` of `-f *.yaml`.
 * @throws PodroleError `USAGE`
 */
export function refuseExcess(
  operands: readonly string[],
  { operands: taken = [], settings }: Pick<Command, 'operands' | 'settings'>,
): void {
  if (taken.at(-1)?.placeholder.includes('...')) return;
  const excess = operands.slice(taken.length);
  const forFiles = FILE_SETTINGS.find((name) => name in settings);
  const short = forFiles && settings[forFiles]?.short;
  const flag = forFiles && (short ? `-${short}` : `--${flagName(forFiles)}`);
  const faults = excess.map((operand): Fault => {
    const object = operand.slice(0, SHOWN);
    const isFile = flag !== undefined && looksLikeFile(operand);
    if (isFile)
      return {
        code: 'USAGE',
        object,
        problem: `is a file without ${flag}`,
        remedy: `write ${flag} ${object}`,
      };
    const most = taken.length === 0 ? 'no operands' : taken.map(({ placeholder }) => placeholder).join(' ');
    const remedy = 'leave it out, or write the flag that it belongs to';
    return { code: 'USAGE', object, problem: `is one operand too many: the command takes ${most}`, remedy };
  });
  throwIfAny(faults);
}

/**
 * Requires that a command line of another program stands after `--`. Otherwise podrole would take the options
 * of that program that it has too.
 * @param args the whole command line
 * @throws PodroleError `USAGE`
 */
export function requireSeparator(args: readonly string[], operands: readonly string[]): void {
  const at = args.indexOf('--');
  if (at !== -1 && args.length - at - 1 === operands.length) return;
  const [first = ''] = operands;
  const remedy = SEPARATOR_MISSING;
  throwIfAny([{ code: 'USAGE', object: first.slice(0, SHOWN), problem: 'does not stand after --', remedy }]);
}

/** Most characters of an operand that an error repeats. */
const SHOWN = 200;
