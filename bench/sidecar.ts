import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SIDECAR_CREDENTIALS_PATH } from '../lib/contract/podrole.ts';
import { drain } from '../lib/http/serve.ts';
import { launchOf } from '../testing/processes/image-launcher.ts';
import { startServer } from '../testing/processes/server-process.ts';
import type { BenchRun, Started } from './bench-run.ts';
import { memoryOf } from './memory.ts';
import { describeMemory, describeTurns, line } from './report.ts';
import { measureInTurns } from './rounds.ts';
import { startStsStandIn } from './servers/sts-stand-in.ts';

export const METADATA_PATH = '/latest/meta-data/iam/security-credentials/bench';
/** Number of sidecars on one machine when the cost of each is measured. */
const SIDECARS = 10;

/**
 * Measures `dist/sidecar.js` with a cached session against a bare HTTP server that answers with the same
 * bytes, and against another endpoint if a URL is given.
 */
export async function measureSidecar(otherUrl: string | undefined, run: BenchRun): Promise<void> {
  const { start, print } = run;
  print('Sidecar: cached credentials over keep-alive HTTP.\n');
  const sts = await startStsStandIn();
  try {
    const bare = await start(() => startServer(new URL('./servers/bare-http.ts', import.meta.url), []));
    const sidecar = await startSidecar(run, sts.url);
    const at = ({ port }: Started, path: string) => new URL(path, `http://127.0.0.1:${port}`);
    const contestants = [
      { title: 'bare HTTP server', url: at(bare, '/') },
      { title: 'podrole sidecar, instance metadata', url: at(sidecar, METADATA_PATH) },
      { title: 'podrole sidecar, container credentials', url: at(sidecar, SIDECAR_CREDENTIALS_PATH) },
      ...(otherUrl ? [{ title: otherUrl, url: new URL(otherUrl) }] : []),
    ];
    const measured = await measureInTurns(contestants);
    print(describeTurns(contestants, measured));
    print('podrole sidecar');
    print(describeStart(sidecar));
    print(describeMemory('at rest', sidecar.atRest));
    print(describeMemory('after the load', memoryOf(sidecar.pid)));
    await measureMany(run, sts.url);
    print('');
  } finally {
    await drain(sts.server, 0);
  }
}

/**
 * Measures a sidecar that has not answered a request yet, as most sidecars of a machine: it shares program
 * pages with the others.
 */
async function measureMany(run: BenchRun, stsUrl: string): Promise<void> {
  // Each server adds a listener that ends it with this process.
  process.setMaxListeners(2 * SIDECARS);
  let last: Started | undefined;
  for (let count = 0; count < SIDECARS; count += 1) last = await startSidecar(run, stsUrl);
  if (last) run.print(describeMemory(`one of ${SIDECARS}`, memoryOf(last.pid)));
}

export async function startSidecar({ folder, start }: BenchRun, stsUrl: string): Promise<Started> {
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'any-token-will-do');
  const role = ['--role-arn', 'arn:aws:iam::111122223333:role/bench', '--token-file', tokenFile];
  const args = [...role, '--region', 'eu-central-1', '--port', '0', '--metrics-port', '0'];
  const env = { NODE_ENV: 'production', AWS_ENDPOINT_URL_STS: stsUrl };
  return start(() =>
    startServer(new URL('../dist/sidecar.js', import.meta.url), args, {
      env,
      nodeArgs: launchOf('sidecar').options,
    }),
  );
}

function describeStart({ listeningMs, readyMs }: Started): string {
  return line('exec to listening', `${listeningMs.toFixed(0)} ms, to ready ${readyMs.toFixed(0)} ms`);
}
