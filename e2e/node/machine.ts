import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../testing/wait-for.ts';
import { logFolder } from '../cluster/log-tails.ts';
import { type RunningProcess, startProcess } from '../cluster/processes.ts';
import { type CommandOptions, type CommandResult, runCommand } from '../cluster/run-command.ts';

const SCRIPT = fileURLToPath(new URL('machine', import.meta.url));

/** A machine made of network, mount and process namespaces. */
export interface Machine {
  /** Id of its process 1, as this process sees it. */
  readonly pid: number;
  /** Starts a program inside; it ends with the machine at the latest. Its log is `<machine>-<name>.log`. */
  start(name: string, program: string, args: readonly string[]): RunningProcess;
  /** Runs a command inside to its end. */
  run(command: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Kills all processes inside; the kernel releases everything that they held. */
  stop(): Promise<void>;
}

/**
 * Starts a machine; it is ready when this resolves.
 * @param folder for its files, in memory; must not exist yet
 */
export async function startMachine(name: string, folder: string): Promise<Machine> {
  mkdirSync(folder, { recursive: true });
  const outer = startProcess({
    name: `${name}-machine`,
    program: 'unshare',
    args: ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', '--', SCRIPT, folder],
    logs: logFolder(),
  });
  await waitFor(() => existsSync(`${folder}/ready`), `machine of node ${name}`, undefined, outer.ended);
  const [pid] = childrenOf(outer.pid);
  if (pid === undefined) throw new Error(`the machine of node ${name} has ended`);
  const inside = [`--target=${pid}`, '--net', '--mount', '--pid', '--'];
  return {
    pid,
    start(program, file, args) {
      // Killing nsenter does not kill its child.
      const child = ['setpriv', '--pdeathsig', 'KILL', file, ...args];
      const process = startProcess({
        name: `${name}-${program}`,
        program: 'nsenter',
        args: [...inside, ...child],
        logs: logFolder(),
      });
      return {
        ...process,
        stop: async (graceMs) => {
          const children = childrenOf(process.pid);
          await process.stop(graceMs);
          await waitFor(() => !children.some(isAlive), `end of ${program} on node ${name}`);
        },
      };
    },
    run: (command, options) => runCommand('nsenter', [...inside, ...command], options),
    async stop() {
      // The kernel ends the other processes of the namespace before its first, which unshare waits for.
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await outer.stop(10_000);
    },
  };
}

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
