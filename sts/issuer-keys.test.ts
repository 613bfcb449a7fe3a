import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportJWK, type FlattenedJWSInput, generateKeyPair } from 'jose';
import { cacheIssuerKeys } from './issuer-keys.ts';

const { publicKey } = await generateKeyPair('ES256');
const jwk = await exportJWK(publicKey);
const TOKEN: FlattenedJWSInput = { payload: '', signature: '' };

/** An issuer whose keys and clock the test sets. */
function setUp() {
  const state = { nowMs: 0, fetches: 0, kids: ['one'], fault: undefined as Error | undefined };
  const find = cacheIssuerKeys(
    async () => {
      state.fetches += 1;
      if (state.fault) throw state.fault;
      return { keys: state.kids.map((kid) => ({ ...jwk, kty: 'EC', kid, alg: 'ES256' })) };
    },
    { now: () => state.nowMs, maxAgeMs: 1_000, coolDownMs: 100, failureCoolDownMs: 10 },
  );
  return { state, lookUp: (kid: string) => find({ alg: 'ES256', kid }, TOKEN) };
}

const NO_KEY = { code: 'ERR_JWKS_NO_MATCHING_KEY' };

test('keys are fetched once while they are fresh, and again when they are old', async () => {
  const { state, lookUp } = setUp();
  await lookUp('one');
  state.nowMs = 999;
  await lookUp('one');
  assert.equal(state.fetches, 1);
  state.nowMs = 1_000;
  await lookUp('one');
  assert.equal(state.fetches, 2);
});

test('concurrent look-ups share one fetch', async () => {
  const { state, lookUp } = setUp();
  await Promise.all(Array.from({ length: 20 }, () => lookUp('one')));
  assert.equal(state.fetches, 1);
});

test('a new key is found as soon as the cool-down allows', async () => {
  const { state, lookUp } = setUp();
  await lookUp('one');
  state.kids = ['one', 'two'];
  state.nowMs = 99;
  await assert.rejects(lookUp('two'), NO_KEY);
  state.nowMs = 100;
  await lookUp('two');
  assert.equal(state.fetches, 2);
});

test('a flood of unknown key ids costs one fetch per cool-down', async () => {
  const { state, lookUp } = setUp();
  for (let call = 0; call < 500; call++) {
    state.nowMs = call;
    await assert.rejects(lookUp(`unknown-${call}`), NO_KEY);
  }
  assert.equal(state.fetches, 5);
});

test('a failed fetch fails all look-ups, and is tried again soon', async () => {
  const { state, lookUp } = setUp();
  state.fault = new Error('down');
  for (let call = 0; call < 5; call++) await assert.rejects(lookUp('one'), { message: 'down' });
  assert.equal(state.fetches, 1);
  state.fault = undefined;
  state.nowMs = 10;
  await lookUp('one');
  assert.equal(state.fetches, 2);
});
