import { type CommandResult, runCommand } from './run-command.ts';

/** Longest wait of kubectl, and so of a test. */
const REQUEST_TIMEOUT = '60s';

/**
 * Runs kubectl.
 * @param program its path
 * @param home folder of its discovery cache
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
