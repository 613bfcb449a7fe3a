import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createAuthority } from '../testing/certificates.ts';
import { type ServerProcess, startPodrole, startServer } from '../testing/server-process.ts';
import { type LoadResult, load } from './load.ts';
import { memoryOf } from './memory.ts';
import { sampleReview } from './review.ts';

const CONNECTIONS = [1, 16];
const WARM_UP_MS = 2_000;
const MEASURE_MS = 5_000;

const { values } = parseArgs({ options: { url: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
if (values.help)
  print(
    'make bench, or: npm run bench -- --url https://127.0.0.1:8443/mutate to measure another webhook on this machine',
  );
else if (values.url) await measureLoad(values.url, new URL(values.url));
else await measureAll();

async function measureAll(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'podrole-bench-'));
  try {
    const files = await prepare(folder);
    print(
      `${availableParallelism()} cores, Node ${process.version}, reviews of ${sampleReview().length} bytes over keep-alive HTTPS; the load comes from one process on the same machine\n`,
    );
    await withServer(
      'bare Koa app',
      () => startServer(new URL('./bare-koa.ts', import.meta.url), [files.cert, files.key]),
      measureWebhook,
    );
    const fromFile = ['--service-accounts', files.serviceAccounts];
    await withServer('podrole webhook', () => startBundle(files, fromFile), measureWebhook);
    const cluster = await startServer(new URL('./service-account-server.ts', import.meta.url), ['100000']);
    try {
      const fromCluster = [
        '--kube-api',
        `http://127.0.0.1:${cluster.listening['port']}`,
        '--kubeconfig',
        files.kubeconfig,
      ];
      await withServer(
        'podrole webhook, 100,000 ServiceAccounts',
        () => startBundle(files, fromCluster),
        measureWebhook,
      );
    } finally {
      await cluster.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Files {
  readonly cert: string;
  readonly key: string;
  readonly serviceAccounts: string;
  readonly kubeconfig: string;
}

async function prepare(folder: string): Promise<Files> {
  const { cert, key } = await (await createAuthority('bench')).issue(['localhost', '127.0.0.1']);
  const contents = {
    cert,
    key,
    serviceAccounts: JSON.stringify({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        namespace: 'bench',
        name: 'annotated-1',
        annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/bench' },
      },
    }),
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'bench', cluster: { server: 'http://127.0.0.1:1' } }],
      users: [{ name: 'bench', user: {} }],
      contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
      'current-context': 'bench',
    }),
  };
  const path = (name: keyof Files) => join(folder, name);
  for (const name of Object.keys(contents) as (keyof Files)[])
    await writeFile(path(name), contents[name], { mode: 0o600 });
  return {
    cert: path('cert'),
    key: path('key'),
    serviceAccounts: path('serviceAccounts'),
    kubeconfig: path('kubeconfig'),
  };
}

function startBundle({ cert, key }: Files, source: readonly string[]): Promise<ServerProcess> {
  const args = [
    'webhook',
    '--tls-cert',
    cert,
    '--tls-key',
    key,
    '--port',
    '0',
    '--metrics-port',
    '0',
    ...source,
  ];
  return startPodrole(args, { from: 'bundle', env: { NODE_ENV: 'production' } });
}

async function withServer(
  title: string,
  start: () => Promise<ServerProcess>,
  measure: (title: string, server: ServerProcess, startedMs: number) => Promise<void>,
): Promise<void> {
  const startedMs = performance.now();
  const server = await start();
  try {
    await measure(title, server, startedMs);
  } finally {
    await server.stop();
  }
}

async function measureWebhook(title: string, server: ServerProcess, startedMs: number): Promise<void> {
  const metricsPort = server.listening['metricsPort'];
  if (metricsPort !== undefined) await untilReady(`http://127.0.0.1:${metricsPort}/readyz`);
  const readyMs = performance.now() - startedMs;
  const atRest = memoryOf(server.pid);
  await measureLoad(title, new URL(`https://127.0.0.1:${server.listening['port']}/mutate`));
  const afterLoad = memoryOf(server.pid);
  print(`  exec to ready            ${readyMs.toFixed(0)} ms`);
  for (const [when, memory] of [
    ['at rest', atRest],
    ['after the load', afterLoad],
  ] as const) {
    if (memory)
      print(
        `  memory ${when.padEnd(17)} ${memory.residentMiB.toFixed(0)} MiB resident, ${memory.privateMiB.toFixed(0)} MiB private`,
      );
  }
  print('');
}

async function untilReady(url: string): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!(await fetch(url)).ok) {
    if (performance.now() > deadlineMs) throw new Error(`${url} was not ready within a minute`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function measureLoad(title: string, url: URL): Promise<void> {
  print(title);
  const body = sampleReview();
  await load(url, body, Math.max(...CONNECTIONS), WARM_UP_MS);
  for (const connections of CONNECTIONS) print(describe(await load(url, body, connections, MEASURE_MS)));
}

function describe({ connections, requestsPerSecond, p50Ms, p99Ms, failures }: LoadResult): string {
  const label = `${connections} connection${connections === 1 ? '' : 's'}`.padEnd(16);
  const trouble = failures > 0 ? `, ${failures} FAILED` : '';
  return `  ${label}         ${requestsPerSecond.toFixed(0)} requests/s, p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms.toFixed(3)} ms${trouble}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
