import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasBundles, rolloutOf } from './rollout.ts';

const deployment = (status: object) => ({ metadata: { generation: 3 }, spec: { replicas: 2 }, status });
const READY = { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };

for (const [what, status, ready, isDone] of [
  ['all replicas', READY, 2, true],
  ['one replica', { ...READY, availableReplicas: 1 }, 1, false],
  ['an old revision that still runs', { ...READY, replicas: 3 }, 2, false],
  ['a revision that the controller has not seen', { ...READY, observedGeneration: 2 }, 0, false],
  ['old replicas only', { ...READY, updatedReplicas: 0 }, 0, false],
  ['no status', {}, 0, false],
] as const) {
  test(`${what}: ${ready} ready, ${isDone ? 'done' : 'not done'}`, () => {
    assert.deepEqual(rolloutOf(deployment(status)), { isDone, ready, wanted: 2 });
  });
}

test('a Deployment that does not exist is not done', () => {
  assert.equal(rolloutOf(undefined).isDone, false);
});

for (const [what, bundles, expected] of [
  ['each part has a bundle', ['YQ==', 'Yg=='], true],
  ['one part has an empty bundle', ['YQ==', ''], false],
  ['one part has no bundle', ['YQ==', undefined], false],
  ['there are no parts', [], false],
] as const) {
  test(`${what}: the API server ${expected ? 'trusts' : 'does not trust'} the webhook`, () => {
    const webhooks = bundles.map((caBundle) => ({ clientConfig: { caBundle } }));
    assert.equal(hasBundles({ webhooks }), expected);
  });
}

test('a webhook configuration that does not exist has no bundles', () => {
  assert.equal(hasBundles(undefined), false);
});
