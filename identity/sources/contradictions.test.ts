import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../../testing/cost/step-count.ts';
import { contradictions, type FoundServiceAccount } from './contradictions.ts';

const ROLE = 'eks.amazonaws.com/role-arn';
const found = (name: string, origin: string, annotations: Record<string, string>): FoundServiceAccount => ({
  facts: { namespace: 'shop', name, annotations },
  origin,
});

test('the same content twice is fine, also in another order', () => {
  const [one, other] = [
    { [ROLE]: 'a', 'podrole.dev/sidecar': 'none' },
    { 'podrole.dev/sidecar': 'none', [ROLE]: 'a' },
  ];
  assert.deepEqual(contradictions([found('web', 'a.yaml', one), found('web', 'b.yaml', other)]), []);
  assert.deepEqual(contradictions([found('web', 'a.yaml', {}), found('batch', 'b.yaml', one)]), []);
});

test('another role, no role or another annotation is a fault that names both places', () => {
  for (const other of [{ [ROLE]: 'b' }, {}, { [ROLE]: 'a', 'podrole.dev/sidecar': 'none' }]) {
    const places = [found('web', 'a.yaml, document 2', { [ROLE]: 'a' }), found('web', 'b.yaml', other)];
    assert.deepEqual(contradictions(places), [
      {
        code: 'CONTRADICTORY_SERVICE_ACCOUNTS',
        object: 'ServiceAccount shop/web in b.yaml',
        problem: 'has other annotations than in a.yaml, document 2',
        remedy: 'remove one of the two',
      },
    ]);
  }
});

test('the steps grow with the number of ServiceAccounts', async () => {
  await assertLinear(
    (size) => {
      const many = Array.from({ length: size }, (_, at) =>
        found(`w${at % 7}`, 'a.yaml', { [ROLE]: `${at}` }),
      );
      return () => assert.equal(contradictions(many).length, size - 7);
    },
    { size: 200 },
  );
});
