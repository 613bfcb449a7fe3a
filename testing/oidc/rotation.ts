import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach } from 'node:test';
import { readSettings } from '../../lib/settings/settings.ts';
import { keyId } from '../../oidc/keys/keys.ts';
import { applyPublication, planPublication } from '../../oidc/publication/publish.ts';
import { runRotate } from '../../oidc/rotate/run-rotate.ts';
import { rotateSettings } from '../../oidc/rotate/settings.ts';
import { createFolderTarget } from '../../oidc/targets/folder.ts';
import { startSigningApiServer } from '../kubernetes/signing-api-server.ts';
import { makeTokenKey, type TokenKey } from '../kubernetes/token-requests.ts';
import { Collector } from '../processes/collector.ts';
import { NO_SIGNALS } from '../processes/no-signals.ts';
import { type TestIssuer, useIssuer } from './issuer.ts';
import { DAY_SECONDS } from './publication.ts';

interface Result {
  readonly isDone: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly report: Record<string, unknown> & { readonly faults: readonly { readonly code: string }[] };
}

/** Returns the different codes of the faults of a step. */
export function codesOf({ report }: Result): readonly string[] {
  return [...new Set(report.faults.map(({ code }) => code))];
}

/**
 * Starts an issuer and two API servers for the tests of a file. Before each test, only the old key is
 * published and served, and the clock is at the beginning of 2026.
 */
export async function useRotation() {
  const [oldKey, newKey] = [makeTokenKey(keyId), makeTokenKey(keyId)];
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const now = () => new Date(clock.nowMs);
  const issuer = await useIssuer();
  const [first, second] = [
    await startSigningApiServer(issuer.url, oldKey, now),
    await startSigningApiServer(issuer.url, oldKey, now),
  ];
  const servers = [first, second];
  let folder = '';

  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    if (folder) rmSync(folder, { recursive: true, force: true });
    folder = mkdtempSync(join(tmpdir(), 'podrole-rotate-'));
    clock.nowMs = Date.UTC(2026, 0, 1);
    for (const server of servers) {
      Object.assign(server, { verifiesWith: [oldKey], signsWith: oldKey, trouble: () => undefined });
    }
    writeFileSync(join(folder, 'new.pub'), newKey.pem);
    writeFileSync(join(folder, 'ca.crt'), issuer.ca);
    serveFolder(issuer, folder);
    await publishOnly(oldKey, { issuer: issuer.url, folder, now });
  });

  /** Runs one step against both API servers, by default with JSON output. */
  const rotate = (step: string, given: Readonly<Record<string, unknown>> = {}) =>
    runStep(
      step,
      {
        to: folder,
        kubeApi: first.url,
        apiServer: servers.map(({ url }) => url).join(),
        verifyCa: join(folder, 'ca.crt'),
        verifyConnectTo: `127.0.0.1:${issuer.connectTo.port}`,
        output: 'json',
        ...(step === 'start' ? { keyFile: join(folder, 'new.pub') } : {}),
        ...given,
      },
      now,
    );

  const wait = (seconds: number) => {
    clock.nowMs += seconds * 1_000;
  };
  const set = (
    change: Partial<Pick<typeof first, 'verifiesWith' | 'signsWith' | 'trouble'>>,
    of = servers,
  ) => {
    for (const server of of) Object.assign(server, change);
  };
  const notesFile = () => join(folder, 'cluster/.podrole/rotation.json');
  const publishedKids = () =>
    JSON.parse(readFileSync(join(folder, 'cluster/openid/v1/jwks'), 'utf8')).keys.map(
      ({ kid }: { kid: string }) => kid,
    );

  return {
    issuer,
    first,
    second,
    servers,
    oldKey,
    newKey,
    now,
    folder: () => folder,
    rotate,
    wait,
    set,
    notesFile,
    publishedKids,
  };
}

/** Lets the issuer answer with the files of a folder. */
function serveFolder(issuer: TestIssuer, folder: string): void {
  issuer.answerWith = (request, response) => {
    try {
      response.end(readFileSync(join(folder, String(request.url))));
    } catch {
      response.writeHead(404).end();
    }
  };
}

interface Place {
  readonly issuer: string;
  readonly folder: string;
  readonly now: () => Date;
}

async function publishOnly(key: TokenKey, { issuer, folder, now }: Place): Promise<void> {
  const plan = await planPublication({
    issuer,
    target: createFolderTarget(folder),
    source: { name: 'the old key', read: async () => [key] },
    prune: false,
    tokenLifetimeSeconds: DAY_SECONDS,
    x5c: false,
    now,
    signal: new AbortController().signal,
  });
  await applyPublication(plan);
}

async function runStep(
  step: string,
  given: Readonly<Record<string, unknown>>,
  now: () => Date,
): Promise<Result> {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const surroundings = { stdout, stderr, env: { USER: 'ada' }, ...NO_SIGNALS, now };
  const isDone = await runRotate(step, readSettings(rotateSettings, given, {}), surroundings);
  const report = stdout.text.startsWith('{') ? JSON.parse(stdout.text) : { faults: [] };
  return { isDone, stdout: stdout.text, stderr: stderr.text, report };
}
