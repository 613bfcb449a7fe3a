import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerXml, stsErrorXml, targetCredentialsXml, useStsPeer } from '../../testing/aws/sts-peer.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import type { ExchangedSession } from '../exchange/exchange.ts';
import { ExchangeError } from '../exchange/exchange-error.ts';
import { chainExchange } from './chain-exchange.ts';

const peer = await useStsPeer();
const MINUTE_MS = 60_000;
const SIGNAL = new AbortController().signal;
const accepts = answerXml(200, () => targetCredentialsXml('arn:aws:sts::4:assumed-role/reader/web-1'));
const refuses = answerXml(403, () => stsErrorXml('AccessDenied'));

function chain(lifetimeMs = 60 * MINUTE_MS) {
  const time = createVirtualTime();
  const clock = time.clock();
  const bases: string[] = [];
  let baseFailure: Error | undefined;
  const exchange = chainExchange({
    clock,
    target: { roleArn: 'arn:aws:iam::4:role/reader', externalId: 'e', tags: undefined },
    sts: {
      endpoint: new URL(peer.url),
      caFile: undefined,
      region: 'eu-central-1',
      sessionName: 'web-1',
      durationSeconds: 3_600,
    },
    exchangeBase: async (): Promise<ExchangedSession> => {
      if (baseFailure) throw baseFailure;
      const accessKeyId = `ASIABASE${bases.length + 1}`;
      bases.push(accessKeyId);
      const obtainedAt = clock.now();
      const expiration = new Date(obtainedAt.getTime() + lifetimeMs);
      const keys = { accessKeyId, secretAccessKey: 'k', sessionToken: 't' };
      return { session: { ...keys, expiration, obtainedAt }, lifetimeMs, clockAheadMs: undefined };
    },
  });
  const ask = () =>
    exchange(SIGNAL).then(
      ({ session }) => session.accessKeyId,
      (thrown: unknown) => (thrown instanceof ExchangeError ? thrown.code : String(thrown)),
    );
  return { time, bases, ask, failBase: (error: Error) => (baseFailure = error) };
}

test('the session of the target is given, signed by that of the own role', async () => {
  let signedBy = '';
  peer.answerWith = (request, response) => {
    signedBy = request.headers.authorization ?? '';
    accepts(request, response);
  };
  const { ask, bases } = chain();
  assert.equal(await ask(), 'ASIATARGETEXAMPLE');
  assert.match(signedBy, /Credential=ASIABASE1\//);
  assert.deepEqual(bases, ['ASIABASE1']);
});

test('a base session is used again while it is fresh: two of them for three half hours', async () => {
  peer.answerWith = accepts;
  const { ask, bases, time } = chain();
  const exchanges: number[] = [];
  for (let half = 0; half < 4; half += 1) {
    assert.equal(await ask(), 'ASIATARGETEXAMPLE');
    exchanges.push(bases.length);
    await time.pass(30 * MINUTE_MS);
  }
  assert.deepEqual(exchanges, [1, 1, 2, 2]);
});

test('a base session with less than ten minutes left is not used', async () => {
  peer.answerWith = accepts;
  const { ask, bases, time } = chain();
  await ask();
  await time.pass(51 * MINUTE_MS);
  await ask();
  assert.equal(bases.length, 2);
});

test('a target that refuses for an hour costs an exchange of the token each two minutes at most', async () => {
  peer.answerWith = refuses;
  const { ask, bases, time } = chain();
  for (let second = 0; second < 3_600; second += 20) {
    assert.equal(await ask(), 'STS_REFUSED');
    await time.pass(20_000);
  }
  assert.ok(bases.length > 20 && bases.length <= 30, `${bases.length}`);
  peer.answerWith = accepts;
  assert.equal(await ask(), 'ASIATARGETEXAMPLE');
});

test('after a refusal, a base session that was revoked is replaced', async () => {
  peer.answerWith = (request, response) => {
    const isRevoked = request.headers.authorization?.includes('ASIABASE1/') ?? false;
    (isRevoked ? refuses : accepts)(request, response);
  };
  const { ask, bases, time } = chain();
  assert.equal(await ask(), 'STS_REFUSED');
  await time.pass(2 * MINUTE_MS);
  await ask();
  assert.equal(await ask(), 'ASIATARGETEXAMPLE');
  assert.equal(bases.length, 2);
});

test('the reason why there is no base session is the reason of the whole', async () => {
  const calls = peer.calls.length;
  const { ask, failBase } = chain();
  failBase(new ExchangeError({ code: 'TOKEN_INVALID', object: 'o', problem: 'p', remedy: 'r' }, 'soon'));
  assert.equal(await ask(), 'TOKEN_INVALID');
  assert.equal(peer.calls.length, calls);
});
