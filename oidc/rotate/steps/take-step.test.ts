import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../evidence/evidence.ts';
import type { RotationState } from '../state/state.ts';
import { takeStep } from './take-step.ts';

const apiServer = { name: 'a', signsWith: 'old', verifiesWith: ['old'], clockAheadMs: 0 };
const nothing: Evidence = {
  apiServers: [apiServer],
  publishedKids: ['old'],
  publicKids: undefined,
  faults: [],
  notes: [],
};
const request = {
  state: undefined,
  issuer: 'https://oidc.example.com',
  newKid: 'new',
  tokenLifetimeSeconds: 86_400,
};

test('the rotation is recorded before anything is published', async () => {
  const effects: string[] = [];
  await assert.rejects(
    takeStep('start', request, {
      collect: async () => nothing,
      nowMs: () => 0,
      record: async () => {
        effects.push('record');
        throw new Error('somebody else was faster');
      },
      publish: async () => {
        effects.push('publish');
      },
    }),
    /somebody else was faster/,
  );
  assert.deepEqual(effects, ['record']);
});

test('a publication that somebody else overwrites is given up after a few rounds, and not recorded as done', async () => {
  const recorded: RotationState[] = [];
  await assert.rejects(
    takeStep('start', request, {
      collect: async () => nothing,
      nowMs: () => 0,
      record: async (state) => {
        recorded.push(state);
      },
      publish: async () => {},
    }),
    { code: 'ROTATION_NOT_HELD' },
  );
  assert.ok(recorded.length > 0 && recorded.every(({ publishedAtMs }) => publishedAtMs === undefined));
});

test('--now aborts a rotation in one run, although the clock moves on', async () => {
  let nowMs = 10_000;
  let state: RotationState | undefined = {
    issuer: request.issuer,
    oldKid: 'old',
    newKid: 'new',
    tokenLifetimeSeconds: 86_400,
    startedAtMs: 0,
    publishedAtMs: 0,
    trustedAtMs: 0,
    switchAllowedAtMs: 5_000,
    overrides: [],
  };
  const published = ['old', 'new'];
  const override = { step: 'abort' as const, atMs: nowMs, by: 'ada', reason: 'the new key was lost' };
  const { verdict } = await takeStep(
    'abort',
    { ...request, state, override },
    {
      collect: async () => ({ ...nothing, publishedKids: [...published] }),
      nowMs: () => {
        nowMs += 1_000;
        return nowMs;
      },
      record: async (recorded) => {
        state = recorded;
      },
      publish: async (change) => {
        if ('drop' in change) published.splice(published.indexOf(change.drop), 1);
      },
    },
  );
  assert.deepEqual([verdict.kind, published, state.overrides.length], ['complete', ['old'], 1]);
});
