import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from '../testing/processes/server-process.ts';
import { type Memory, memoryOf } from './memory.ts';

/** A server that was started to be measured. */
export interface Started {
  readonly pid: number;
  readonly port: unknown;
  /** From exec to the log line that names its ports. */
  readonly listeningMs: number;
  /** From exec to `/readyz`; equal to listeningMs for a server without a metrics port. */
  readonly readyMs: number;
  /** Memory after the server has become ready. */
  readonly atRest: Memory | undefined;
}

/** Tools of a measurement. */
export interface BenchRun {
  readonly folder: string;
  /**
   * Starts a server and waits until it is ready; it stops at the end of the run.
   * @param metricsHost address of its metrics port; default: loopback
   */
  readonly start: (starting: () => Promise<ServerProcess>, metricsHost?: string) => Promise<Started>;
  readonly print: (text: string) => void;
}

/**
 * Measures in a temporary folder; the folder is removed and the servers are stopped afterwards, also after an
 * error.
 */
export async function benchRun(measure: (run: BenchRun) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'podrole-bench-'));
  const running: ServerProcess[] = [];
  const start: BenchRun['start'] = async (starting, metricsHost = '127.0.0.1') => {
    const startedMs = performance.now();
    const server = await starting();
    running.push(server);
    const listeningMs = performance.now() - startedMs;
    const { port, metricsPort } = server.listening;
    if (metricsPort) await untilReady(`http://${metricsHost}:${metricsPort}/readyz`);
    const readyMs = performance.now() - startedMs;
    return { pid: server.pid, port, listeningMs, readyMs, atRest: memoryOf(server.pid) };
  };
  try {
    await measure({ folder, start, print: (text) => process.stdout.write(`${text}\n`) });
  } finally {
    for (const server of running) await server.stop();
    await rm(folder, { recursive: true });
  }
}

const READY_WITHIN_MS = 60_000;

async function untilReady(url: string): Promise<void> {
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  while (!(await fetch(url)).ok) {
    if (performance.now() > deadlineMs) throw new Error(`${url} was not ready within ${READY_WITHIN_MS} ms`);
    await sleep(10);
  }
}
