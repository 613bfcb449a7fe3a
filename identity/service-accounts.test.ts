import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toServiceAccountFacts } from './service-accounts.ts';

const PREFIX = 'eks.amazonaws.com';

test('only the facts that an identity needs are kept', () => {
  const facts = toServiceAccountFacts(
    {
      metadata: {
        name: 'web',
        namespace: 'shop',
        resourceVersion: '7',
        uid: 'x',
        annotations: {
          'eks.amazonaws.com/role-arn': 'a',
          'podrole.dev/session-name': 'pod',
          'eks.amazon.com/role-arn': 'b',
          'kubectl.kubernetes.io/last-applied-configuration': '{}',
          'eks.amazonaws.community/x': 'c',
          'eks.amazonaws.com/audience': 5,
        },
      },
      secrets: [{ name: 's' }],
    },
    PREFIX,
  );
  assert.deepEqual(facts, {
    namespace: 'shop',
    name: 'web',
    resourceVersion: '7',
    annotations: {
      'eks.amazonaws.com/role-arn': 'a',
      'podrole.dev/session-name': 'pod',
      'eks.amazon.com/role-arn': 'b',
    },
  });
});

test('ServiceAccounts without known annotations share one object', () => {
  const one = toServiceAccountFacts({ metadata: { name: 'a', namespace: 'x' } }, PREFIX);
  const other = toServiceAccountFacts(
    { metadata: { name: 'b', namespace: 'x', annotations: { team: 'y' } } },
    PREFIX,
  );
  assert.ok(one && Object.isFrozen(one.annotations));
  assert.equal(one.annotations, other?.annotations);
});

test('an object from a file needs a name, but no namespace', () => {
  assert.equal(toServiceAccountFacts({ metadata: { name: 'web' } }, PREFIX)?.namespace, 'default');
  assert.equal(toServiceAccountFacts({ metadata: { name: 'web' } }, PREFIX, 'shop')?.namespace, 'shop');
  for (const object of [undefined, null, 'x', [], {}, { metadata: null }, { metadata: { name: 1 } }]) {
    assert.equal(toServiceAccountFacts(object, PREFIX), undefined);
  }
});
