import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { makeSigningKey, startTokenCluster, type TokenCluster } from '../../testing/agent/token-cluster.ts';

let cluster: TokenCluster;
beforeEach(async () => {
  cluster = await startTokenCluster();
});
afterEach(() => cluster.api.stop());

test('a new key counts at once, if ten seconds have passed since the last look', async () => {
  assert.equal(await cluster.ask(await cluster.tokenFor()), 'web');
  const next = await makeSigningKey('next', 'ES256');
  cluster.keys = [cluster.rsa.jwk, next.jwk];
  const token = await cluster.tokenFor({ key: next });
  assert.equal(await cluster.ask(token), 'AGENT_TOKEN_REFUSED');
  await cluster.time.pass(10_000);
  const answers = await Promise.all(Array.from({ length: 100 }, () => cluster.ask(token)));
  assert.deepEqual(new Set(answers), new Set(['web']));
  assert.equal(cluster.keyReads(), 2);
});

test('unknown keys cause one look in ten seconds', async () => {
  const unknown = await makeSigningKey('unknown', 'ES256');
  for (let round = 0; round < 60; round += 1) {
    const token = await cluster.tokenFor({ key: unknown });
    assert.equal(await cluster.ask(token), 'AGENT_TOKEN_REFUSED');
    await cluster.time.pass(1_000);
  }
  assert.ok(cluster.keyReads() <= 7, `${cluster.keyReads()}`);
});

test('while the API server does not answer, known keys count; without any, it is not a refusal', async () => {
  cluster.api.trouble = () => ({ status: 503, message: 'starting' });
  assert.equal(await cluster.ask(await cluster.tokenFor()), 'API_REFUSED');
  await cluster.api.requested(() => true, 2);
  assert.equal(await cluster.ask(await cluster.tokenFor()), 'API_REFUSED');
  assert.equal(cluster.api.requests.length, 2, 'it is not asked again within a second');
  await cluster.time.pass(1_000);
  cluster.api.trouble = () => undefined;
  assert.equal(await cluster.ask(await cluster.tokenFor()), 'web');
  cluster.api.trouble = () => ({ status: 503, message: 'starting' });
  await cluster.time.pass(30 * 60_000);
  assert.equal(await cluster.ask(await cluster.tokenFor()), 'web');
});

test('a cluster that moves to another issuer: tokens of both count', async () => {
  const old = await cluster.tokenFor();
  assert.equal(await cluster.ask(old), 'web');
  cluster.issuer = 'https://new.test';
  await cluster.time.pass(10_000);
  assert.equal(await cluster.ask(await cluster.tokenFor({ claims: { iss: cluster.issuer } })), 'web');
  assert.equal(await cluster.ask(old), 'web');
  assert.equal(await cluster.ask(await cluster.tokenFor()), 'web');
});
