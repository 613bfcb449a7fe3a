import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { makeTokenKey, TOKEN_REQUEST_PATH } from '../../testing/kubernetes/token-requests.ts';
import { codesOf, useRotation } from '../../testing/oidc/rotation.ts';
import { keyId } from '../keys/keys.ts';

const { issuer, servers, oldKey, newKey, folder, rotate, wait, set, notesFile, publishedKids } =
  await useRotation();

test('everything that cannot be read is reported for all API servers at once, and nothing is done', async () => {
  const refusal = { status: 403, message: 'may not create token' };
  set({ trouble: ({ pathname }) => (pathname === TOKEN_REQUEST_PATH ? refusal : undefined) });
  const refused = await rotate('start');
  assert.deepEqual([refused.isDone, refused.report.faults.length], [false, 2]);
  for (const { url } of servers) assert.ok(refused.stdout.includes(url));
  assert.deepEqual(publishedKids(), [oldKey.kid]);
});

test('a cached copy without the new key delays the wait', async () => {
  const stale = readFileSync(join(folder(), 'cluster/openid/v1/jwks'), 'utf8');
  const { answerWith } = issuer;
  issuer.answerWith = (request, response) =>
    request.url?.endsWith('/jwks') ? response.end(stale) : answerWith(request, response);
  const held = await rotate('start');
  assert.deepEqual(
    [held.isDone, held.report['phase'], codesOf(held)],
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
  writeFileSync(join(folder(), 'other.pub'), makeTokenKey(keyId).pem);
  assert.deepEqual(codesOf(await rotate('start', { keyFile: join(folder(), 'other.pub') })), [
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
