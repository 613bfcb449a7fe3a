import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import { ExchangeError } from '../exchange/exchange-error.ts';
import type { HostKeys } from './host-credentials.ts';
import { shareKeys } from './shared-keys.ts';

const MINUTE_MS = 60_000;

/** @param lifetimeMs of the keys that are found; undefined: they do not end */
function keysFor(lifetimeMs: number | undefined) {
  const time = createVirtualTime();
  const clock = time.clock();
  let found = 0;
  const find = async (): Promise<HostKeys> => {
    found += 1;
    const expiration = lifetimeMs === undefined ? undefined : new Date(clock.now().getTime() + lifetimeMs);
    return { accessKeyId: `AKIA${found}`, secretAccessKey: 'x', expiration };
  };
  const keys = shareKeys(find, clock);
  return { time, keys, next: async () => (await keys.current(NEVER_ABORTED)).accessKeyId };
}

test('keys that end are used again for a minute', async () => {
  const { time, next } = keysFor(60 * MINUTE_MS);
  assert.equal(await next(), 'AKIA1');
  await time.pass(MINUTE_MS - 1);
  assert.equal(await next(), 'AKIA1');
  await time.pass(1);
  assert.equal(await next(), 'AKIA2');
});

test('keys are not used again in their last five minutes', async () => {
  const { time, next } = keysFor(5 * MINUTE_MS + 1_000);
  assert.equal(await next(), 'AKIA1');
  await time.pass(999);
  assert.equal(await next(), 'AKIA1');
  await time.pass(1);
  assert.equal(await next(), 'AKIA2');
});

test('keys that do not end are found again each time, and so are those that STS refused', async () => {
  const lasting = keysFor(undefined);
  assert.deepEqual([await lasting.next(), await lasting.next()], ['AKIA1', 'AKIA2']);
  const { keys, next } = keysFor(60 * MINUTE_MS);
  await next();
  keys.doubt();
  assert.equal(await next(), 'AKIA2');
});

test('one search serves all that wait; each stops waiting by itself, and the search is not repeated', async () => {
  const time = createVirtualTime();
  const search = Promise.withResolvers<HostKeys>();
  let searches = 0;
  const keys = shareKeys(() => {
    searches += 1;
    return search.promise;
  }, time.clock());
  const stopping = new AbortController();
  const stopped = assert.rejects(keys.current(stopping.signal), /gone/);
  const slow = assert.rejects(
    keys.current(NEVER_ABORTED),
    (thrown) =>
      thrown instanceof ExchangeError && thrown.retry === 'soon' && /within 30 s/.test(thrown.message),
  );
  stopping.abort(new Error('gone'));
  await stopped;
  await time.pass(30_000);
  await slow;
  const late = keys.current(NEVER_ABORTED);
  search.resolve({ accessKeyId: 'AKIALATE', secretAccessKey: 'x' });
  assert.equal((await late).accessKeyId, 'AKIALATE');
  assert.equal(searches, 1);
});

test('a failed search is repeated by the next exchange', async () => {
  const answers = [
    Promise.reject(new Error('no source')),
    Promise.resolve({ accessKeyId: 'A', secretAccessKey: 'x' }),
  ];
  const keys = shareKeys(
    () => answers.shift() ?? Promise.reject(new Error('empty')),
    createVirtualTime().clock(),
  );
  await assert.rejects(keys.current(NEVER_ABORTED), /no source/);
  assert.equal((await keys.current(NEVER_ABORTED)).accessKeyId, 'A');
});
