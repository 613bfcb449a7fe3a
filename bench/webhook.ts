import { launchOf } from '../testing/processes/image-launcher.ts';
import { type ServerProcess, startPodrole, startServer } from '../testing/processes/server-process.ts';
import type { BenchRun, Started } from './bench-run.ts';
import { type BenchFiles, writeBenchFiles } from './files.ts';
import { memoryOf } from './memory.ts';
import { describeMemory, describeTurns, line } from './report.ts';
import { sampleReview } from './review.ts';
import { measureInTurns } from './rounds.ts';

const SERVICE_ACCOUNTS = 100_000;

/** Measures the bundled webhook against a bare Koa app, and against another webhook if a URL is given. */
export async function measureWebhook(otherUrl: string | undefined, run: BenchRun): Promise<void> {
  const { start, print } = run;
  const body = sampleReview();
  print(`Webhook: reviews of ${body.length} bytes over keep-alive HTTPS.\n`);
  const files = await writeBenchFiles(run.folder);
  const cluster = new URL('./servers/service-account-server.ts', import.meta.url);
  const { port } = await start(() => startServer(cluster, [String(SERVICE_ACCOUNTS)]));
  const koa = new URL('./servers/bare-koa.ts', import.meta.url);
  const fromFile = ['--service-accounts', files.serviceAccounts];
  const fromCluster = ['--kube-api', `http://127.0.0.1:${port}`, '--kubeconfig', files.kubeconfig];
  const started = async (title: string, starting: () => Promise<ServerProcess>) => {
    const server = await start(starting);
    return { title, url: new URL(`https://127.0.0.1:${server.port}/mutate`), body, server };
  };
  const count = SERVICE_ACCOUNTS.toLocaleString('en');
  const contestants = [
    await started('bare Koa app', () => startServer(koa, [files.cert, files.key])),
    await started('podrole webhook', () => startBundle(files, fromFile)),
    await started(`podrole webhook, ${count} ServiceAccounts`, () => startBundle(files, fromCluster)),
    ...(otherUrl ? [{ title: otherUrl, url: new URL(otherUrl), body, server: undefined }] : []),
  ];
  const measured = await measureInTurns(contestants);
  print(describeTurns(contestants, measured, ({ server }) => (server ? describeServer(server) : [])));
}

function describeServer({ readyMs, atRest, pid }: Started): readonly string[] {
  return [
    line('exec to ready', `${readyMs.toFixed(0)} ms`),
    describeMemory('at rest', atRest),
    describeMemory('after the load', memoryOf(pid)),
  ];
}

function startBundle({ cert, key }: BenchFiles, source: readonly string[]): Promise<ServerProcess> {
  const tls = ['--tls-cert', cert, '--tls-key', key];
  const args = ['webhook', ...tls, '--port', '0', '--metrics-port', '0', ...source];
  const nodeArgs = launchOf('webhook').options;
  return startPodrole(args, { from: 'bundle', env: { NODE_ENV: 'production' }, nodeArgs });
}
