import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../testing/wait-for.ts';
import { logFolder } from '../cluster/log-tails.ts';
import { type RunningProcess, startProcess } from '../cluster/processes.ts';
import { type CommandOptions, type CommandResult, runCommand } from '../cluster/run-command.ts';

const SCRIPT = fileURLToPath(new URL('machine', import.meta.url));

/** Namespaces for network, mounts and processes, as a machine of its own would be. */
export interface Machine {
  /** Of its process 1, as this process sees it. */
  readonly pid: number;
  /** Starts a program inside, which ends with the machine at the latest. Its log is `<machine>-<name>.log`. */
  start(name: string, program: string, args: readonly string[]): RunningProcess;
  /** Runs a command inside to its end. */
  run(command: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Kills all processes inside, and with them goes all that they held. */
  stop(): Promise<void>;
}

/**
 * Makes a machine; it is there when this resolves.
 * @param folder for what it writes, in memory; does not exist yet
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
      // A killed nsenter leaves its child alone.
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
      // The kernel ends the other processes of the namespace before its first, and unshare waits for that one.
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
