import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { TOKEN_EXPIRY_GRACE_SECONDS } from '../../lib/contract/sts.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asObject } from '../../lib/json/json.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { enterAddresses, startSigningApiServer } from '../../testing/kubernetes/signing-api-server.ts';
import { makeTokenKey, TOKEN_REQUEST_PATH } from '../../testing/kubernetes/token-requests.ts';
import { useIssuer } from '../../testing/oidc/issuer.ts';
import { Collector } from '../../testing/processes/collector.ts';
import { keyId } from '../keys/keys.ts';
import { applyPublication, planPublication } from '../publication/publish.ts';
import { createFolderTarget } from '../targets/folder.ts';
import { runRotate } from './run-rotate.ts';
import { rotateSettings } from './settings.ts';

const [oldKey, newKey] = [makeTokenKey(keyId), makeTokenKey(keyId)];
const AUDIENCE = 'sts.amazonaws.com';
const DAY_SECONDS = 86_400;
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
  issuer.answerWith = (request, response) => {
    try {
      response.end(readFileSync(join(folder, String(request.url))));
    } catch {
      response.writeHead(404).end();
    }
  };
  await applyPublication(
    await planPublication({
      issuer: issuer.url,
      target: createFolderTarget(folder),
      source: { name: 'the old key', read: async () => [oldKey] },
      prune: false,
      tokenLifetimeSeconds: DAY_SECONDS,
      x5c: false,
      now,
      signal: new AbortController().signal,
    }),
  );
});

interface Result {
  readonly isDone: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly report: Record<string, unknown> & { readonly faults: readonly { readonly code: string }[] };
}

/** Runs one step against both API servers, by default with JSON output. */
async function rotate(step: string, given: Readonly<Record<string, unknown>> = {}): Promise<Result> {
  const stdout = new Collector();
  const stderr = new Collector();
  const settings = readSettings(
    rotateSettings,
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
    {},
  );
  const signal = new AbortController().signal;
  const isDone = await runRotate(step, settings, { stdout, stderr, env: { USER: 'ada' }, signal, now });
  const report = stdout.text.startsWith('{') ? JSON.parse(stdout.text) : { faults: [] };
  return { isDone, stdout: stdout.text, stderr: stderr.text, report };
}

const codes = ({ report }: Result) => [...new Set(report.faults.map(({ code }) => code))];
const wait = (seconds: number) => {
  clock.nowMs += seconds * 1_000;
};
const set = (change: Partial<Pick<typeof first, 'verifiesWith' | 'signsWith' | 'trouble'>>, of = servers) => {
  for (const server of of) Object.assign(server, change);
};
const notesFile = () => join(folder, 'cluster/.podrole/rotation.json');
const publishedKids = () =>
  JSON.parse(readFileSync(join(folder, 'cluster/openid/v1/jwks'), 'utf8')).keys.map(
    ({ kid }: { kid: string }) => kid,
  );

test('a rotation from end to end: every live token verifies at every moment, and every step reports when it was done', async () => {
  const minted: { token: string; untilMs: number }[] = [];
  const mintAndVerify = async () => {
    const untilMs = clock.nowMs + (DAY_SECONDS + TOKEN_EXPIRY_GRACE_SECONDS) * 1_000;
    for (const server of servers) minted.push({ token: await server.mint(DAY_SECONDS, AUDIENCE), untilMs });
    const keys = createLocalJWKSet(JSON.parse(readFileSync(join(folder, 'cluster/openid/v1/jwks'), 'utf8')));
    const options = { audience: AUDIENCE, currentDate: now(), clockTolerance: TOKEN_EXPIRY_GRACE_SECONDS };
    for (const live of minted.filter((each) => each.untilMs > clock.nowMs)) {
      await jwtVerify(live.token, keys, options);
    }
  };
  const expectDone = async (step: string, phase: string) => {
    await mintAndVerify();
    const done = await rotate(step);
    assert.deepEqual(
      [done.isDone, done.report['outcome'], done.report['phase']],
      [true, 'complete', phase],
      done.stdout,
    );
    await mintAndVerify();
    const again = await rotate(step);
    assert.deepEqual([again.isDone, again.report['outcome']], [true, 'done']);
  };
  await expectDone('start', 'published');
  assert.deepEqual(new Set(publishedKids()), new Set([oldKey.kid, newKey.kid]));

  set({ verifiesWith: [oldKey, newKey] }, [first]);
  const half = await rotate('trust');
  assert.deepEqual([half.isDone, codes(half)], [false, ['ROTATION_NOT_TRUSTED']]);
  assert.ok(half.stdout.includes(second.url) && !JSON.stringify(half.report.faults).includes(first.url));
  set({ verifiesWith: [oldKey, newKey] });
  await expectDone('trust', 'trusted');

  wait(3_599);
  const early = await rotate('switch');
  assert.deepEqual([early.isDone, codes(early)], [false, ['ROTATION_TOO_EARLY']]);
  assert.match(early.stdout, /2026-01-01T01:00:00.000Z/);
  wait(1);
  const allowed = await rotate('switch');
  assert.deepEqual(
    [allowed.isDone, allowed.report['phase'], codes(allowed)],
    [false, 'switching', ['ROTATION_NOT_SWITCHED']],
  );
  set({ signsWith: newKey });
  await expectDone('switch', 'switched');

  wait(DAY_SECONDS + 299);
  assert.deepEqual(codes(await rotate('finish')), ['ROTATION_TOO_EARLY']);
  wait(1);
  assert.deepEqual(codes(await rotate('finish')), ['ROTATION_STILL_TRUSTED']);
  set({ verifiesWith: [newKey] });
  await expectDone('finish', 'finished');
  assert.deepEqual(publishedKids(), [newKey.kid]);
});

test('an early switch is reported with its effect, and not recorded as done', async () => {
  await rotate('start');
  set({ verifiesWith: [oldKey, newKey] });
  await rotate('trust');
  set({ signsWith: newKey }, [second]);
  wait(600);
  const early = await rotate('switch');
  assert.deepEqual(codes(early), ['ROTATION_TOO_EARLY', 'ROTATION_SWITCHED_EARLY']);
  assert.match(early.stdout, /STS may refuse new tokens for up to 50 min/);
  assert.equal(JSON.parse(readFileSync(notesFile(), 'utf8')).switchedAt, undefined);
  assert.deepEqual(codes(await rotate('abort')), ['ROTATION_CANNOT_ABORT']);
  set({ signsWith: oldKey });
  // Tokens of the new key may exist: it cannot be removed before they have expired.
  assert.deepEqual(codes(await rotate('abort')), ['ROTATION_TOO_EARLY']);
  assert.ok(publishedKids().includes(newKey.kid));
  wait(DAY_SECONDS + 300);
  set({ verifiesWith: [oldKey] });
  assert.equal((await rotate('abort')).report['phase'], 'aborted');
  assert.deepEqual(publishedKids(), [oldKey.kid]);
});

test('--now prints what will break, and notes who, when and why', async () => {
  await rotate('start');
  set({ verifiesWith: [oldKey, newKey] });
  await rotate('trust');
  wait(60);
  const hurried = await rotate('switch', { now: true, reason: 'the old key was stolen', output: 'text' });
  assert.match(hurried.stderr, /^--now: STS may refuse new tokens for up to 59 min/);
  assert.match(hurried.stderr, /error: .*still signs with the old key/);
  assert.deepEqual(JSON.parse(readFileSync(notesFile(), 'utf8')).overrides, [
    {
      step: 'switch',
      at: '2026-01-01T00:01:00.000Z',
      by: 'kubernetes-admin, locally ada',
      reason: 'the old key was stolen',
    },
  ]);
});

test('tokens requested to see their kid are short-lived, for nobody, and appear nowhere', async () => {
  const seen = first.requests.length;
  const { stdout, stderr } = await rotate('start');
  const request = first.requests.slice(seen).find(({ pathname }) => pathname === TOKEN_REQUEST_PATH);
  assert.deepEqual(asObject(request?.body)?.['spec'], {
    audiences: ['podrole.dev/key-rotation'],
    expirationSeconds: 600,
  });
  assert.doesNotMatch(stdout + stderr + readFileSync(notesFile(), 'utf8'), /eyJ/);
});

test("API servers are found in the cluster's own list", async () => {
  const endpoints = servers.map(({ url }) => ({ address: '127.0.0.1', port: Number(new URL(url).port) }));
  enterAddresses(first, endpoints);
  // The list names https, which these servers do not speak. The faults show that both were asked.
  const { stdout } = await rotate('status', { apiServer: undefined });
  for (const { port } of endpoints) assert.ok(stdout.includes(`https://127.0.0.1:${port}`), stdout);
});

test('everything that cannot be read is reported for all API servers at once, and nothing is done', async () => {
  const refusal = { status: 403, message: 'may not create token' };
  set({ trouble: ({ pathname }) => (pathname === TOKEN_REQUEST_PATH ? refusal : undefined) });
  const refused = await rotate('start');
  assert.deepEqual([refused.isDone, refused.report.faults.length], [false, 2]);
  for (const { url } of servers) assert.ok(refused.stdout.includes(url));
  assert.deepEqual(publishedKids(), [oldKey.kid]);
});

test('a cached copy without the new key delays the wait', async () => {
  const stale = readFileSync(join(folder, 'cluster/openid/v1/jwks'), 'utf8');
  const { answerWith } = issuer;
  issuer.answerWith = (request, response) =>
    request.url?.endsWith('/jwks') ? response.end(stale) : answerWith(request, response);
  const held = await rotate('start');
  assert.deepEqual(
    [held.isDone, held.report['phase'], codes(held)],
    [false, 'starting', ['ROTATION_NOT_PUBLIC']],
  );
  wait(3_600);
  issuer.answerWith = answerWith;
  assert.equal((await rotate('start')).report['publishedAt'], '2026-01-01T01:00:00.000Z');
});

test('unreadable notes stop every step, and stay', async () => {
  await rotate('start');
  writeFileSync(notesFile(), '{"version": 1');
  for (const step of ['status', 'start', 'finish', 'abort']) {
    await assert.rejects(rotate(step), { code: 'ROTATION_NOTES_INVALID' });
  }
  assert.equal(readFileSync(notesFile(), 'utf8'), '{"version": 1');
});

test("somebody else's rotation is reported, whether it came before or in between", async () => {
  await rotate('start');
  writeFileSync(join(folder, 'other.pub'), makeTokenKey(keyId).pem);
  assert.deepEqual(codes(await rotate('start', { keyFile: join(folder, 'other.pub') })), [
    'ROTATION_IN_PROGRESS',
  ]);
  set({ verifiesWith: [oldKey, newKey] });
  const { answerWith } = issuer;
  issuer.answerWith = (request, response) => {
    const notes = JSON.parse(readFileSync(notesFile(), 'utf8'));
    writeFileSync(notesFile(), JSON.stringify({ ...notes, abortedAt: notes.startedAt }));
    issuer.answerWith = answerWith;
    answerWith(request, response);
  };
  await assert.rejects(rotate('trust'), (thrown) => {
    assert.ok(thrown instanceof PodroleError);
    assert.equal(thrown.code, 'TARGET_CHANGED');
    assert.match(thrown.message, /is now in phase aborted/);
    return true;
  });
});

test('settings that do not fit together are reported at once', async () => {
  await assert.rejects(rotate('trust', { now: true, keyFile: 'x.pub', reason: 'short' }), (thrown) => {
    assert.ok(thrown instanceof PodroleError);
    // The key file is read later.
    assert.deepEqual(
      thrown.faults.map(({ object }) => object),
      ['--key-file', '--now', '--reason'],
    );
    return true;
  });
  await assert.rejects(rotate('forward'), { code: 'INVALID_SETTING' });
});
