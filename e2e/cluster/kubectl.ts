import { type CommandResult, runCommand } from './run-command.ts';

/** kubectl does not wait for longer than this, so that a test does not either. */
const REQUEST_TIMEOUT = '60s';

/**
 * Runs kubectl.
 * @param program its path
 * @param home where it keeps its discovery cache
 * @param input its stdin, for `-f -`
 */
export function runKubectl(
  { program, kubeconfig, home }: { program: string; kubeconfig: string; home: string },
  args: readonly string[],
  input?: string,
): Promise<CommandResult> {
  const all = [`--kubeconfig=${kubeconfig}`, `--request-timeout=${REQUEST_TIMEOUT}`, ...args];
  return runCommand(program, all, { env: { ...process.env, HOME: home }, ...(input && { input }) });
}
