import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type ServerProcess, startPodrole, startServer } from '../testing/server-process.ts';
import { type BenchFiles, writeBenchFiles } from './files.ts';
import { type LoadResult, load } from './load.ts';
import { memoryOf } from './memory.ts';
import { describeLoad, describeMemory, line } from './report.ts';
import { sampleReview } from './review.ts';

const CONNECTIONS = [1, 16];
const WARM_UP_MS = 2_000;
const MEASURE_MS = 5_000;
const READY_WITHIN_MS = 60_000;
const SERVICE_ACCOUNTS = 100_000;
const HELP = `make bench prints the figures of the bundle.
npm run bench -- --url https://127.0.0.1:8443/mutate measures any webhook that runs on this machine.`;

const { values } = parseArgs({ options: { url: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
if (values.help) print(HELP);
else if (values.url) await measureLoad(values.url, new URL(values.url));
else await measureAll();

async function measureAll(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'podrole-bench-'));
  const running: ServerProcess[] = [];
  const start = async (starting: Promise<ServerProcess>) => {
    running.push(await starting);
    return starting;
  };
  const stopAll = async () => {
    for (const server of running.splice(0)) await server.stop();
  };
  try {
    const files = await writeBenchFiles(folder);
    print(
      `${availableParallelism()} cores, Node ${process.version}; reviews of ${sampleReview().length} bytes`,
    );
    print('over keep-alive HTTPS; the load comes from one process on the same machine\n');

    const koa = new URL('./bare-koa.ts', import.meta.url);
    const yardstick = await measure('bare Koa app', () => start(startServer(koa, [files.cert, files.key])));
    await stopAll();

    const fromFile = ['--service-accounts', files.serviceAccounts];
    await measure('podrole webhook', () => start(startBundle(files, fromFile)), yardstick);
    await stopAll();

    const cluster = new URL('./service-account-server.ts', import.meta.url);
    const { port } = (await start(startServer(cluster, [String(SERVICE_ACCOUNTS)]))).listening;
    const fromCluster = ['--kube-api', `http://127.0.0.1:${port}`, '--kubeconfig', files.kubeconfig];
    const title = `podrole webhook, ${SERVICE_ACCOUNTS.toLocaleString('en')} ServiceAccounts`;
    await measure(title, () => start(startBundle(files, fromCluster)), yardstick);
  } finally {
    await stopAll();
    await rm(folder, { recursive: true });
  }
}

function startBundle({ cert, key }: BenchFiles, source: readonly string[]): Promise<ServerProcess> {
  const tls = ['--tls-cert', cert, '--tls-key', key];
  const args = ['webhook', ...tls, '--port', '0', '--metrics-port', '0', ...source];
  return startPodrole(args, { from: 'bundle', env: { NODE_ENV: 'production' } });
}

async function measure(
  title: string,
  start: () => Promise<ServerProcess>,
  yardstick?: readonly LoadResult[],
): Promise<readonly LoadResult[]> {
  const startedMs = performance.now();
  const { pid, listening } = await start();
  if (listening['metricsPort']) await untilReady(`http://127.0.0.1:${listening['metricsPort']}/readyz`);
  const readyMs = performance.now() - startedMs;
  const atRest = memoryOf(pid);
  const results = await measureLoad(
    title,
    new URL(`https://127.0.0.1:${listening['port']}/mutate`),
    yardstick,
  );
  print(line('exec to ready', `${readyMs.toFixed(0)} ms`));
  print(describeMemory('at rest', atRest));
  print(`${describeMemory('after the load', memoryOf(pid))}\n`);
  return results;
}

async function untilReady(url: string): Promise<void> {
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  while (!(await fetch(url)).ok) {
    if (performance.now() > deadlineMs) throw new Error(`${url} was not ready within ${READY_WITHIN_MS} ms`);
    await sleep(10);
  }
}

async function measureLoad(
  title: string,
  url: URL,
  yardstick: readonly LoadResult[] = [],
): Promise<readonly LoadResult[]> {
  print(title);
  const body = sampleReview();
  await load(url, body, Math.max(...CONNECTIONS), WARM_UP_MS);
  const results: LoadResult[] = [];
  for (const connections of CONNECTIONS) {
    const result = await load(url, body, connections, MEASURE_MS);
    print(describeLoad(result, yardstick[results.length]));
    results.push(result);
  }
  return results;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
