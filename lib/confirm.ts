import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';

/**
 * Asks a question on a terminal, and returns whether the answer is yes. Undefined if nobody can answer, since
 * stdin is not a terminal.
 */
export async function confirm(
  question: string,
  { stdin, stderr }: { readonly stdin: Readable & { readonly isTTY?: boolean }; readonly stderr: Writable },
  signal: AbortSignal,
): Promise<boolean | undefined> {
  if (stdin.isTTY !== true) return undefined;
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await Promise.race([
      lines.question(`${question} [y/N] `, { signal }),
      // The end of stdin, by Ctrl-D, is not a yes.
      once(lines, 'close').then(() => ''),
    ]);
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
