import { flagName } from '../../lib/settings/settings.ts';
import type { Env } from '../../lib/surroundings.ts';
import { NO_COLOR_FLAG } from '../color.ts';
import type { Command } from '../command.ts';
import type { CommandEntry, CommandGroups } from '../command-entry.ts';
import { clusterNamesOf } from './cluster-names.ts';
import { completeOperand, completeValue, type Scene } from './complete-value.ts';
import { type Candidate, type Completions, NOTHING } from './completions.ts';
import { type Flag, flagsOf, readWords, splitFlag } from './read-words.ts';

export interface CompletionContext {
  readonly commandTable: readonly CommandEntry[];
  readonly commandGroups: CommandGroups;
  readonly env: Env;
  readonly signal: AbortSignal;
}

const HELP: Candidate = { value: '--help', description: 'print this help' };
const NO_COLOR: Candidate = { value: NO_COLOR_FLAG, description: 'print without colors' };
const VERSION: Candidate = { value: '--version', description: 'print the version' };

/**
 * Returns what can complete a command line.
 * @param words without `podrole`; the last one is completed, and may be empty
 */
export async function completeLine(
  words: readonly string[],
  context: CompletionContext,
): Promise<Completions> {
  const before = words.slice(0, -1).filter((word) => word !== NO_COLOR_FLAG);
  const current = words.at(-1) ?? '';
  const isHelp = before[0] === 'help';
  const path = isHelp ? before.slice(1) : before;
  const called = isHelp ? undefined : findCalled(path, context.commandTable);
  if (called) {
    const command = await called.entry.load();
    const { candidates, files } = await completeCommand(command, path.slice(called.words), current, context);
    return { candidates: startingWith(candidates, startOf(current, command)), files };
  }
  const flags = isHelp || path.length > 0 ? [HELP, NO_COLOR] : [HELP, VERSION, NO_COLOR];
  const names = current.startsWith('-') ? flags : commandNames(path, isHelp, context);
  return { candidates: startingWith(names, current), files: 'none' };
}

function findCalled(
  words: readonly string[],
  table: readonly CommandEntry[],
): { entry: CommandEntry; words: number } | undefined {
  for (const count of [2, 1]) {
    const entry = table.find(({ name }) => name === words.slice(0, count).join(' '));
    if (entry) return { entry, words: count };
  }
  return undefined;
}

/** Returns the names that may follow: of commands and groups, or of the commands of a group. */
function commandNames(
  path: readonly string[],
  isHelp: boolean,
  { commandTable, commandGroups }: CompletionContext,
): readonly Candidate[] {
  const [group] = path;
  if (path.length > 1) return [];
  if (group !== undefined)
    return commandTable.flatMap(({ name, summary }) =>
      name.startsWith(`${group} `) ? [{ value: name.slice(group.length + 1), description: summary }] : [],
    );
  const single = commandTable.filter(({ name }) => !name.includes(' '));
  return [
    ...single.map(({ name, summary }) => ({ value: name, description: summary })),
    ...Object.entries(commandGroups).map(([value, description]) => ({ value, description })),
    ...(isHelp ? [] : [{ value: 'help', description: 'print the help of a command' }]),
  ];
}

async function completeCommand(
  { settings: table, operands = [] }: Command,
  words: readonly string[],
  current: string,
  { env, signal }: CompletionContext,
): Promise<Completions> {
  const flags = flagsOf(table);
  const { given, operands: written, pending, isEnded } = readWords(words, flags);
  const scene: Scene = { cluster: clusterNamesOf(given, env, signal), table, given, env };
  if (pending) return await completeValue(pending, current, scene);
  if (!isEnded && current.startsWith('-')) {
    const { flag, value } = splitFlag(current, flags) ?? {};
    if (flag && value !== undefined && current.includes('=')) return await completeValue(flag, value, scene);
    return { candidates: flagCandidates(flags, given, current), files: 'none' };
  }
  const last = operands.at(-1);
  const operand = operands[written.length] ?? (last?.placeholder.includes('...') ? last : undefined);
  if (!operand) return NOTHING;
  const { candidates, files } = await completeOperand(operand, current, scene);
  return { candidates: candidates.filter(({ value }) => !written.includes(value)), files };
}

/** Returns the flags that may still be given: short ones only after a single dash. */
function flagCandidates(
  flags: ReadonlyMap<string, Flag>,
  given: ReadonlyMap<string, string>,
  current: string,
): readonly Candidate[] {
  const own = [...flags].flatMap(([spelling, { name, setting }]) => {
    if (given.has(name) && !setting.many) return [];
    const isMain =
      spelling === `--${flagName(name)}` || (!current.startsWith('--') && !spelling.startsWith('--'));
    return isMain ? [{ value: spelling, description: setting.help }] : [];
  });
  return [...own, HELP, NO_COLOR];
}

/** Returns the part of a word that candidates continue: what follows `--output=`, else all of it. */
function startOf(current: string, { settings }: Command): string {
  const { flag, value } = current.startsWith('-') ? (splitFlag(current, flagsOf(settings)) ?? {}) : {};
  return flag && value !== undefined && current.includes('=') ? value : current;
}

function startingWith(candidates: readonly Candidate[], start: string): readonly Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(start));
}
