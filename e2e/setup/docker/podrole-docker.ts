import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ServerProcess, startPodrole } from '../../../testing/processes/server-process.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import type { RunningProcess } from '../../cluster/processes.ts';
import type { DockerHost } from './docker-host.ts';

/** The shipped podrole. */
export const BUNDLE = fileURLToPath(new URL('../../../dist/podrole.js', import.meta.url));
const METRICS = 'http://127.0.0.1:9932';

/** A running `podrole docker`. */
export interface DockerProcess extends Pick<ServerProcess, 'lines'> {
  readonly pid: number;
  /** Sends a signal and waits for the end; returns the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

type Host = Pick<DockerHost, 'pid' | 'run' | 'start'>;

/** Wrapper that executes a program in the namespaces of a host. */
export function onHost({ pid }: Pick<DockerHost, 'pid'>): readonly string[] {
  return ['nsenter', `--target=${pid}`, '--net', '--mount', '--pid', '--'];
}

/** Loads the rules of the host and keeps them, as the unit in examples/ does. */
export async function keepDockerRules(host: Host): Promise<RunningProcess> {
  const redirect = [BUNDLE, 'redirect', '--docker'];
  const keeping = host.start('redirect', process.execPath, [...redirect, '--watch']);
  const isLoaded = async () => {
    const { code, stdout, stderr } = await host.run([process.execPath, ...redirect, '--check']);
    if (code !== 0) throw new Error(stdout + stderr);
    return true;
  };
  await waitFor(isLoaded, 'rules of the Docker host', 60_000, keeping.ended);
  return keeping;
}

/** Starts the shipped `podrole docker` on a host. It is ready when this resolves. */
export async function startPodroleDocker(
  host: Host,
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<DockerProcess> {
  const entered = await startPodrole(['docker', ...flags], {
    from: 'bundle',
    // Killing nsenter alone would not kill its child.
    wrapper: [...onHost(host), 'setpriv', '--pdeathsig', 'KILL'],
    env: { DOCKER_HOST: 'unix:///run/docker.sock', AWS_EC2_METADATA_DISABLED: 'true', ...env },
  });
  const pid = Number(readFileSync(`/proc/${entered.pid}/task/${entered.pid}/children`, 'utf8'));
  await waitUntilReady(host);
  return {
    pid,
    lines: entered.lines,
    async stop(signal = 'SIGTERM') {
      if (existsSync(`/proc/${pid}`)) process.kill(pid, signal);
      await waitFor(() => !existsSync(`/proc/${entered.pid}`), 'end of podrole docker');
      return entered.stop();
    },
  };
}

async function waitUntilReady(host: Host): Promise<void> {
  await waitFor(async () => {
    const { code, stdout, stderr } = await host.run(['curl', '-sS', '--fail-with-body', `${METRICS}/readyz`]);
    if (code === 0) return true;
    throw new Error(stdout || stderr);
  }, 'ready podrole docker');
}
