import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type ServerProcess, startPodrole, startServer } from '../testing/server-process.ts';
import { type BenchFiles, writeBenchFiles } from './files.ts';
import { type Memory, memoryOf } from './memory.ts';
import { describeLoad, describeMemory, line } from './report.ts';
import { sampleReview } from './review.ts';
import { type Contestant, measureInTurns } from './rounds.ts';

const READY_WITHIN_MS = 60_000;
const SERVICE_ACCOUNTS = 100_000;
const HELP = `make bench prints the figures of the bundle.
npm run bench -- --url https://127.0.0.1:8443/mutate measures any other webhook on this machine beside it.`;

interface Started extends Contestant {
  readonly pid: number;
  readonly readyMs: number;
  readonly atRest: Memory | undefined;
}

const { values } = parseArgs({ options: { url: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
if (values.help) print(HELP);
else await measureAll(values.url);

async function measureAll(otherUrl: string | undefined): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'podrole-bench-'));
  const running: ServerProcess[] = [];
  const start = async (starting: Promise<ServerProcess>) => {
    running.push(await starting);
    return starting;
  };
  try {
    print(
      `${availableParallelism()} cores, Node ${process.version}; reviews of ${sampleReview().length} bytes over`,
    );
    print('keep-alive HTTPS, in turns; medians. The load comes from one process on the same machine.\n');
    const files = await writeBenchFiles(folder);
    const cluster = new URL('./service-account-server.ts', import.meta.url);
    const { port } = (await start(startServer(cluster, [String(SERVICE_ACCOUNTS)]))).listening;
    const koa = new URL('./bare-koa.ts', import.meta.url);
    const fromFile = ['--service-accounts', files.serviceAccounts];
    const fromCluster = ['--kube-api', `http://127.0.0.1:${port}`, '--kubeconfig', files.kubeconfig];
    const count = SERVICE_ACCOUNTS.toLocaleString('en');
    const contestants: readonly (Contestant | Started)[] = [
      await timed('bare Koa app', () => start(startServer(koa, [files.cert, files.key]))),
      await timed('podrole webhook', () => start(startBundle(files, fromFile))),
      await timed(`podrole webhook, ${count} ServiceAccounts`, () => start(startBundle(files, fromCluster))),
      ...(otherUrl ? [{ title: otherUrl, url: new URL(otherUrl) }] : []),
    ];
    const measured = await measureInTurns(contestants);
    for (const [at, contestant] of contestants.entries()) {
      print(contestant.title);
      for (const figures of measured[at] ?? [])
        print(describeLoad(figures, at > 0 ? contestants[0]?.title : undefined));
      if ('pid' in contestant) printProcess(contestant);
      print('');
    }
  } finally {
    for (const server of running) await server.stop();
    await rm(folder, { recursive: true });
  }
}

function startBundle({ cert, key }: BenchFiles, source: readonly string[]): Promise<ServerProcess> {
  const tls = ['--tls-cert', cert, '--tls-key', key];
  const args = ['webhook', ...tls, '--port', '0', '--metrics-port', '0', ...source];
  return startPodrole(args, { from: 'bundle', env: { NODE_ENV: 'production' } });
}

async function timed(title: string, start: () => Promise<ServerProcess>): Promise<Started> {
  const startedMs = performance.now();
  const { pid, listening } = await start();
  if (listening['metricsPort']) await untilReady(`http://127.0.0.1:${listening['metricsPort']}/readyz`);
  const readyMs = performance.now() - startedMs;
  const url = new URL(`https://127.0.0.1:${listening['port']}/mutate`);
  return { title, url, pid, readyMs, atRest: memoryOf(pid) };
}

async function untilReady(url: string): Promise<void> {
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  while (!(await fetch(url)).ok) {
    if (performance.now() > deadlineMs) throw new Error(`${url} was not ready within ${READY_WITHIN_MS} ms`);
    await sleep(10);
  }
}

function printProcess({ pid, readyMs, atRest }: Started): void {
  print(line('exec to ready', `${readyMs.toFixed(0)} ms`));
  print(describeMemory('at rest', atRest));
  print(describeMemory('after the load', memoryOf(pid)));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
