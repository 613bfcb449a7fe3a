import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CREATED_SERVICE_ACCOUNT_ANNOTATION } from '../../lib/contract/podrole.ts';
import { outlineOf, ROLE_ARN } from '../../testing/bind/desired.ts';
import type { ServiceAccountFacts } from '../facts/service-account-facts.ts';
import { planServiceAccount } from './plan-service-account.ts';

const ROLE_KEY = 'eks.amazonaws.com/role-arn';
const DESIRED = {
  namespace: 'shop',
  name: 'web',
  annotations: { [ROLE_KEY]: ROLE_ARN, 'example.com/team': 'shop' },
  labels: { app: 'web' },
};
const PATH = '/api/v1/namespaces/shop/serviceaccounts/web';

function plan(facts: ServiceAccountFacts, mayOverride = false) {
  return planServiceAccount(DESIRED, facts, { annotationPrefix: 'eks.amazonaws.com', mayOverride });
}

function existing(annotations: Readonly<Record<string, string>>): ServiceAccountFacts {
  return { hasNamespace: true, object: { metadata: { resourceVersion: '7', annotations } } };
}

const CASES: readonly (readonly [
  name: string,
  facts: ServiceAccountFacts,
  override: boolean,
  outline: readonly string[],
])[] = [
  ['missing, with its namespace', { hasNamespace: false, object: undefined }, false, ['create', 'create']],
  ['missing', { hasNamespace: true, object: undefined }, false, ['create']],
  ['annotated', existing({ [ROLE_KEY]: ROLE_ARN }), false, []],
  ['without annotations', { hasNamespace: true, object: { metadata: {} } }, false, ['annotate']],
  ['with another role', existing({ [ROLE_KEY]: 'other' }), false, ['fault SERVICE_ACCOUNT_HAS_ROLE']],
  ['with another role to replace', existing({ [ROLE_KEY]: 'other' }), true, ['annotate']],
  ['with an empty role', existing({ [ROLE_KEY]: '' }), false, ['annotate']],
];
for (const [name, facts, override, outline] of CASES) {
  test(`a ServiceAccount ${name}`, () => assert.deepEqual(outlineOf(plan(facts, override)), outline));
}

test('a new ServiceAccount is marked as created by podrole', () => {
  const calls = plan({ hasNamespace: false, object: undefined }).steps.map(({ call }) => call);
  const metadata = {
    namespace: 'shop',
    name: 'web',
    labels: DESIRED.labels,
    annotations: { ...DESIRED.annotations, [CREATED_SERVICE_ACCOUNT_ANNOTATION]: 'true' },
  };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
  const changes = [
    { method: 'POST', path: '/api/v1/namespaces', body: namespace },
    { method: 'POST', path: PATH.replace('/web', ''), body },
  ];
  assert.deepEqual(
    calls,
    changes.map((change) => ({ service: 'cluster', change })),
  );
});

test('an existing one gets only the annotations of the identity, at the version that was read', () => {
  const [step] = plan(existing({})).steps;
  const body = { metadata: { resourceVersion: '7', annotations: { [ROLE_KEY]: ROLE_ARN } } };
  assert.deepEqual(step?.call, { service: 'cluster', change: { method: 'PATCH', path: PATH, body } });
});
