import { EXIT } from '../command.ts';
import type { RunInternal } from '../internal-command.ts';
import { completeLine } from './complete-line.ts';
import { NOTHING, renderCompletions } from './completions.ts';

/**
 * Runs `podrole __complete WORD...`, which the script of a shell calls. A failure gives no completion: nobody
 * wants to read an error in the middle of a command line.
 */
export const complete: RunInternal = async (words, { stdout, env, signal }, commands) => {
  const completions = await completeLine(words, { ...commands, env, signal }).catch(() => NOTHING);
  stdout.write(renderCompletions(completions));
  return EXIT.ok;
};

/**
 * Runs `podrole __completeNext WORD...`: the word to complete is empty, and not given. Several versions of
 * PowerShell drop an empty argument.
 */
export const completeNext: RunInternal = (words, terminal, commands) =>
  complete([...words, ''], terminal, commands);
