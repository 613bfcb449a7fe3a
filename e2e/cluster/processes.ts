import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { SetupError } from '../../testing/setup-error.ts';

export interface RunningProcess {
  readonly pid: number;
  /** Aborted when the process has ended, with a SetupError `E2E_COMPONENT_ENDED` as its reason. */
  readonly ended: AbortSignal;
  /** SIGTERM, then SIGKILL after graceMs; resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
}

interface ProcessSpec {
  readonly name: string;
  /** Path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  /** Its output is appended to `<logs>/<name>.log`. */
  readonly logs: string;
}

/**
 * Starts a program that ends with this process at the latest, even if this process is killed.
 * @throws SetupError `E2E_START_FAILED`
 */
export function startProcess({ name, program, args, logs }: ProcessSpec): RunningProcess {
  mkdirSync(logs, { recursive: true });
  const log = openSync(path.join(logs, `${name}.log`), 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], {
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) {
    child.on('error', () => undefined);
    throw new SetupError({
      code: 'E2E_START_FAILED',
      object: name,
      problem: 'setpriv could not be started',
      remedy: 'run e2e/cluster/requirements',
    });
  }
  const ended = new AbortController();
  const exited = once(child, 'exit').then(([code, signal]) =>
    ended.abort(
      new SetupError({
        code: 'E2E_COMPONENT_ENDED',
        object: name,
        problem: `ended (${code ?? signal}) while it was being waited for`,
        remedy: 'see its log below, or set PODROLE_E2E_LOGS to keep it',
      }),
    ),
  );
  return {
    pid,
    ended: ended.signal,
    async stop(graceMs) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(kill);
    },
  };
}
