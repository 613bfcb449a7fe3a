import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from './evidence.ts';
import type { RotationState } from './rotation-state.ts';
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

test('the rotation is claimed before anything is published', async () => {
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

test('a publication that somebody else writes over is given up after a few rounds, and not recorded as done', async () => {
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
