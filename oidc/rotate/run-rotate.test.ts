import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { TOKEN_EXPIRY_GRACE_SECONDS } from '../../lib/contract/sts.ts';
import { asObject } from '../../lib/json/json.ts';
import { enterAddresses } from '../../testing/kubernetes/signing-api-server.ts';
import { TOKEN_REQUEST_PATH } from '../../testing/kubernetes/token-requests.ts';
import { DAY_SECONDS } from '../../testing/oidc/publication.ts';
import { codesOf, useRotation } from '../../testing/oidc/rotation.ts';

const AUDIENCE = 'sts.amazonaws.com';
const { first, second, servers, oldKey, newKey, now, folder, rotate, wait, set, notesFile, publishedKids } =
  await useRotation();

test('a rotation from end to end: every live token verifies at every moment, and every step reports when it was done', async () => {
  const minted: { token: string; untilMs: number }[] = [];
  const mintAndVerify = async () => {
    const untilMs = now().getTime() + (DAY_SECONDS + TOKEN_EXPIRY_GRACE_SECONDS) * 1_000;
    for (const server of servers) minted.push({ token: await server.mint(DAY_SECONDS, AUDIENCE), untilMs });
    const keys = createLocalJWKSet(
      JSON.parse(readFileSync(join(folder(), 'cluster/openid/v1/jwks'), 'utf8')),
    );
    const options = { audience: AUDIENCE, currentDate: now(), clockTolerance: TOKEN_EXPIRY_GRACE_SECONDS };
    for (const live of minted.filter((each) => each.untilMs > now().getTime())) {
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
  assert.deepEqual([half.isDone, codesOf(half)], [false, ['ROTATION_NOT_TRUSTED']]);
  assert.ok(half.stdout.includes(second.url) && !JSON.stringify(half.report.faults).includes(first.url));
  set({ verifiesWith: [oldKey, newKey] });
  await expectDone('trust', 'trusted');

  wait(3_599);
  const early = await rotate('switch');
  assert.deepEqual([early.isDone, codesOf(early)], [false, ['ROTATION_TOO_EARLY']]);
  assert.match(early.stdout, /2026-01-01T01:00:00.000Z/);
  wait(1);
  const allowed = await rotate('switch');
  assert.deepEqual(
    [allowed.isDone, allowed.report['phase'], codesOf(allowed)],
    [false, 'switching', ['ROTATION_NOT_SWITCHED']],
  );
  set({ signsWith: newKey });
  await expectDone('switch', 'switched');

  wait(DAY_SECONDS + 299);
  assert.deepEqual(codesOf(await rotate('finish')), ['ROTATION_TOO_EARLY']);
  wait(1);
  assert.deepEqual(codesOf(await rotate('finish')), ['ROTATION_STILL_TRUSTED']);
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
  assert.deepEqual(codesOf(early), ['ROTATION_TOO_EARLY', 'ROTATION_SWITCHED_EARLY']);
  assert.match(early.stdout, /STS may refuse new tokens for up to 50 min/);
  assert.equal(JSON.parse(readFileSync(notesFile(), 'utf8')).switchedAt, undefined);
  assert.deepEqual(codesOf(await rotate('abort')), ['ROTATION_CANNOT_ABORT']);
  set({ signsWith: oldKey });
  // Tokens of the new key may exist: it cannot be removed before they have expired.
  assert.deepEqual(codesOf(await rotate('abort')), ['ROTATION_TOO_EARLY']);
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
