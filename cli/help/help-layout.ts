import { type Command as CommanderCommand, Help } from 'commander';
import type { Command } from '../command.ts';

/** Width of all help, also on a wider terminal: longer lines are harder to read. */
const COLUMNS = 80;
/** Columns for flags. A longer flag gets a line of its own, so that its description still fits 80 columns. */
const FLAG_COLUMNS = 20;
/** Values of switches, as commander takes them: `--wait [false]` is shown as `--wait[=false]`. */
export const TOGGLE = { on: ' [false]', off: ' [boolean]' } as const;

const HELP_LAYOUT: Pick<Help, 'padWidth' | 'formatItem' | 'helpWidth' | 'optionTerm'> = {
  helpWidth: COLUMNS,
  optionTerm: ({ flags }) => flags.replace(TOGGLE.off, '').replace(TOGGLE.on, '[=false]'),
  padWidth: (command, helper) =>
    Math.min(FLAG_COLUMNS, Help.prototype.padWidth.call(helper, command, helper)),
  formatItem: (flag, columns, description, helper) =>
    helper.displayWidth(flag) <= columns
      ? Help.prototype.formatItem.call(helper, flag, columns, description, helper)
      : `  ${flag}\n${Help.prototype.formatItem.call(helper, '', columns, description, helper)}`,
};

/** Returns a layout of several commands: they come before the options of all. */
export function withCommandsFirst(): Partial<Help> {
  return {
    ...HELP_LAYOUT,
    formatHelp: (command: CommanderCommand, helper: Help) => {
      const sections = Help.prototype.formatHelp
        .call(helper, command, helper)
        .trimEnd()
        .split(/\n\n(?=\S)/);
      const isOptions = (section: string) => section.startsWith('Options:');
      const [commands, options] = [sections.filter((each) => !isOptions(each)), sections.filter(isOptions)];
      return `${[...commands, ...options].join('\n\n')}\n`;
    },
  };
}

/** Returns a layout that has the examples right after the description, before the many options. */
export function withExamplesFirst({
  description,
  examples,
}: Pick<Command, 'description' | 'examples'>): Partial<Help> {
  const shown = examples.map(([line, purpose]) => `  # ${purpose}\n${wrapCommandLine(`podrole ${line}`)}`);
  return {
    ...HELP_LAYOUT,
    commandDescription: () => '',
    formatHelp: (command: CommanderCommand, helper: Help) => {
      const [usage = '', ...sections] = Help.prototype.formatHelp
        .call(helper, command, helper)
        .split(/\n\n(?=\S)/);
      const head = [usage, helper.boxWrap(description, COLUMNS), `Examples:\n${shown.join('\n\n')}`];
      return [...head, ...sections].join('\n\n');
    },
  };
}

/** Returns a command line, indented, that goes on after a backslash where it is too long. */
function wrapCommandLine(commandLine: string): string {
  // A flag stays with its value.
  const words = commandLine.match(/(?:-\S+ (?![-\s]))?(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && longer.length > COLUMNS - '    '.length - ' \\'.length) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map((part, at) => (at === 0 ? `  ${part}` : `    ${part}`)).join(' \\\n');
}
