import type { Env, IsColored } from '../lib/surroundings.ts';

/** A flag of every command. */
export const NO_COLOR_FLAG = '--no-color';

/** A stream that may lead to a terminal. */
interface MaybeTerminal {
  readonly isTTY?: boolean;
}

/**
 * Decides once which streams get colors: terminals, unless the flag, NO_COLOR or TERM=dumb forbids it.
 * [no-color.org] NO_COLOR counts if it is not empty
 */
export function isColored(
  args: readonly string[],
  { NO_COLOR, TERM }: Env,
  { stdout, stderr }: { readonly stdout: MaybeTerminal; readonly stderr: MaybeTerminal },
): IsColored {
  const isAllowed = !optionsOf(args).includes(NO_COLOR_FLAG) && !NO_COLOR && TERM !== 'dumb';
  return { stdout: isAllowed && stdout.isTTY === true, stderr: isAllowed && stderr.isTTY === true };
}

/** Returns the command line without the flag, which may stand before the command too. */
export function withoutColorFlag(args: readonly string[]): readonly string[] {
  const options = optionsOf(args);
  return [...options.filter((arg) => arg !== NO_COLOR_FLAG), ...args.slice(options.length)];
}

/** Arguments after `--` are operands. */
export function optionsOf(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end === -1 ? args : args.slice(0, end);
}
