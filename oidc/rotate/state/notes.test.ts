import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFaults } from '../../../testing/faults.ts';
import { parseRotation, renderRotation } from './notes.ts';
import { latestMomentMs, phaseOf, type RotationState } from './state.ts';

const ISSUER = 'https://oidc.example.com/one';
const state: RotationState = {
  issuer: ISSUER,
  oldKid: 'old',
  newKid: 'new',
  tokenLifetimeSeconds: 86_400,
  startedAtMs: Date.UTC(2026, 0, 1),
  publishedAtMs: Date.UTC(2026, 0, 1, 0, 0, 1, 5),
  trustedAtMs: Date.UTC(2026, 0, 1, 1),
  switchAllowedAtMs: Date.UTC(2026, 0, 1, 2),
  overrides: [{ step: 'switch', atMs: Date.UTC(2026, 0, 1, 2), by: 'ada', reason: 'the old key was stolen' }],
};
const read = (content: string) => parseRotation(content, ISSUER, 'folder /srv');
const document = (change: object) => JSON.stringify({ ...JSON.parse(renderRotation(state)), ...change });

test('written notes are read again, to the millisecond', () => {
  assert.deepEqual(read(renderRotation(state)), state);
  assert.equal(phaseOf(state), 'switching');
  assert.equal(latestMomentMs(state), Date.UTC(2026, 0, 1, 2));
});

test('the document has ISO times, kids and nothing else', () => {
  const { publishedAt, version, overrides } = JSON.parse(renderRotation(state));
  assert.deepEqual([version, publishedAt], [1, '2026-01-01T00:00:01.005Z']);
  assert.equal(overrides[0].at, '2026-01-01T02:00:00.000Z');
});

const corrupt: readonly (readonly [what: string, content: string, problems: readonly RegExp[]])[] = [
  ['cut off', '{"version": 1', [/is not JSON/]],
  ['a list', '[]', [/is not a JSON object/]],
  ['of a later version', document({ version: 2 }), [/version is 2, not 1/]],
  ['of another issuer', document({ issuer: 'https://other.example.com' }), [/issuer is https:\/\/other/]],
  ['with one key', document({ newKid: 'old' }), [/oldKid and newKid are the same/]],
  [
    'with a time of another zone',
    document({ trustedAt: '2026-01-01 01:00' }),
    [/trustedAt is not an ISO time/],
  ],
  ['with a number for a time', document({ publishedAt: 5 }), [/publishedAt is not an ISO time/]],
  [
    'empty',
    '{}',
    [/version/, /oldKid/, /newKid/, /issuer/, /tokenLifetimeSeconds/, /startedAt/, /overrides is not a list/],
  ],
  ['with an override of nobody', document({ overrides: [{ step: 'switch' }] }), [/overrides\[0\]/]],
  ['with a lifetime that is a string', document({ tokenLifetimeSeconds: '9' }), [/not a positive number/]],
];
for (const [what, content, problems] of corrupt) {
  test(`notes ${what} are refused, with the remedy`, () => {
    assertFaults(() => read(content), problems);
    assertFaults(
      () => read(content),
      problems.map(() => /restore its last version/),
    );
  });
}
