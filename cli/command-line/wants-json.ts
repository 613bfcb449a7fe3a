import type { Env } from '../../lib/surroundings.ts';
import { optionsOf } from '../color.ts';

const STRUCTURED = /^(?:json|yaml)$/;

/**
 * True if a program reads the output, and so its errors too. This is known before the arguments are parsed,
 * because they may be wrong. The switches of one letter, A and R, may stand before the o: `-Ao json`.
 */
export function wantsJson(args: readonly string[], env: Env): boolean {
  const flags = optionsOf(args).flatMap((arg, at) => {
    const [, attached] = /^(?:-[AR]*o=?|--output=)(.+)$/.exec(arg) ?? [];
    const isFlag = /^(?:-[AR]*o|--output)$/.test(arg);
    return attached ?? (isFlag ? (args[at + 1] ?? '') : []);
  });
  return STRUCTURED.test(flags.at(-1) ?? env['PODROLE_OUTPUT'] ?? '');
}
