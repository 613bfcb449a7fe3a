import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDocker } from '../../docker/run-docker.ts';
import { dockerSettings } from '../../docker/settings.ts';
import { systemClock } from '../../lib/clock.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { type CollectedLog, collectLog } from '../processes/collected-log.ts';
import { waitFor } from '../wait-for.ts';
import { createStandInDaemon, STAND_IN_NETWORK, type StandInDaemon } from './stand-in-daemon.ts';
import { createStandInKernel } from './stand-in-kernel.ts';

/** A container to start on the host of a test. */
export interface TestContainer {
  readonly name: string;
  /** Address of loopback: other containers have others. */
  readonly address: string;
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A Docker host of a test: daemon and kernel are stand-ins, addresses are those of loopback. */
export interface DockerHost {
  readonly daemon: StandInDaemon;
  readonly folder: string;
  /** Starts a container; returns its ID. */
  readonly start: (container: TestContainer) => string;
  /** Ends a container, and reports it. */
  readonly end: (id: string) => void;
  /** Starts `podrole docker`, and waits until it is ready. */
  readonly serve: (
    given: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>>,
  ) => Promise<ServedDocker>;
  readonly close: () => Promise<void>;
}

export interface ServedDocker {
  readonly port: number;
  readonly metricsUrl: string;
  readonly log: CollectedLog;
  readonly stop: () => Promise<void>;
}

const READY_MS = 60_000;

export async function startDockerHost(): Promise<DockerHost> {
  const folder = mkdtempSync(join(tmpdir(), 'podrole-docker-host-'));
  const socketPath = join(folder, 'docker.sock');
  const daemon = createStandInDaemon(socketPath);
  const kernel = createStandInKernel(folder, STAND_IN_NETWORK.bridge);
  const served = new Set<ServedDocker>();
  let started = 0;
  kernel.write([]);
  await daemon.start();

  async function serve(
    given: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>>,
  ): Promise<ServedDocker> {
    const log = collectLog();
    const stopping = new AbortController();
    const base = { port: '0', metricsPort: '0', region: 'eu-central-1', checkRules: 'false' };
    const settings = readSettings(
      dockerSettings,
      { ...base, dockerHost: `unix://${socketPath}`, ...given },
      {},
    );
    const running = runDocker(settings, {
      env,
      logger: log.logger,
      clock: systemClock,
      random: Math.random,
      randomBytes,
      signal: stopping.signal,
      files: kernel.files,
    });
    const ended = running.then(() => Promise.reject(new Error('podrole docker has ended')));
    ended.catch(() => {});
    const listening = await Promise.race([
      ended,
      waitFor(() => lineOf(log, 'listening'), 'it listens', READY_MS),
    ]);
    const metricsUrl = `http://127.0.0.1:${listening['metricsPort']}`;
    const isReady = async () => (await fetch(`${metricsUrl}/readyz`)).ok;
    await Promise.race([ended, waitFor(isReady, 'it is ready', READY_MS)]);
    const one: ServedDocker = {
      port: Number(listening['port']),
      metricsUrl,
      log,
      stop: async () => {
        served.delete(one);
        stopping.abort();
        await running;
      },
    };
    served.add(one);
    return one;
  }

  return {
    daemon,
    folder,
    start: ({ name, address, image = 'shop/web:1', labels = {}, env = {} }) => {
      started += 1;
      const id = started.toString(16).padStart(64, 'a');
      const endpointId = started.toString(16).padStart(64, 'b');
      const mac = `02:42:${address
        .split('.')
        .map((byte) => Number(byte).toString(16).padStart(2, '0'))
        .join(':')}`;
      const place = { address, mac, endpointId, pid: 1_000 + started, isPaused: false };
      const container = { id, name, image, labels, env, ...place };
      daemon.containers.set(id, container);
      kernel.add(container);
      kernel.write(daemon.containers.values());
      daemon.emit('start', id);
      return id;
    },
    end: (id) => {
      const container = daemon.containers.get(id);
      if (!container) throw new Error(`no container ${id}`);
      daemon.containers.delete(id);
      kernel.remove(container);
      kernel.write(daemon.containers.values());
      daemon.emit('die', id);
      daemon.emit('destroy', id);
    },
    serve,
    close: async () => {
      await Promise.all([...served].map((one) => one.stop()));
      await daemon.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

function lineOf({ text }: CollectedLog, message: string): Record<string, unknown> | undefined {
  const line = text()
    .split('\n')
    .find((each) => each.includes(`"msg":"${message}"`));
  return line === undefined ? undefined : JSON.parse(line);
}
