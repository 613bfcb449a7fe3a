/** A word that can complete the command line. */
export interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/** Kind of files that the shell completes itself. */
export type FileKind = 'none' | 'files' | 'folders';

export interface Completions {
  readonly candidates: readonly Candidate[];
  readonly files: FileKind;
}

export const NOTHING: Completions = { candidates: [], files: 'none' };

/** Numbers of the protocol of Cobra, which kubectl speaks with its plugins. [cobra] ShellCompDirective */
const DIRECTIVE: Readonly<Record<FileKind, number>> = { files: 0, none: 4, folders: 16 };

/** Returns one line per candidate, its description after a tab, and a last line that says what else fits. */
export function renderCompletions({ candidates, files }: Completions): string {
  const lines = candidates.map(({ value, description }) =>
    description === undefined ? value : `${value}\t${description}`,
  );
  return [...lines, `:${DIRECTIVE[files]}`].map((line) => `${line}\n`).join('');
}

export function named(values: readonly string[]): Completions {
  return { candidates: values.map((value) => ({ value })), files: 'none' };
}
