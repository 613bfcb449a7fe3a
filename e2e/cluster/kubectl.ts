import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface CommandResult {
  /** Exit code; 1 where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** kubectl does not wait for longer than this, so that a test does not either. */
const REQUEST_TIMEOUT = '60s';

/**
 * Runs kubectl.
 * @param program its path
 * @param home where it keeps its discovery cache
 * @param input its stdin, for `-f -`
 */
export async function runKubectl(
  { program, kubeconfig, home }: { program: string; kubeconfig: string; home: string },
  args: readonly string[],
  input = '',
): Promise<CommandResult> {
  const child = spawn(
    program,
    [`--kubeconfig=${kubeconfig}`, `--request-timeout=${REQUEST_TIMEOUT}`, ...args],
    {
      env: { ...process.env, HOME: home },
    },
  );
  // kubectl may end before it has read its input: its exit code tells what matters.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code ?? 1, stdout, stderr };
}
