import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CREATED_SERVICE_ACCOUNT_ANNOTATION } from '../../lib/contract/podrole.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { outlineOf, ROLE_ARN } from '../../testing/bind/desired.ts';
import { planServiceAccountRemoval } from './plan-service-account-removal.ts';

const LIST = 'podrole.dev/container-roles';
const ROLE_KEY = 'eks.amazonaws.com/role-arn';
const CREATED = { [CREATED_SERVICE_ACCOUNT_ANNOTATION]: 'true' };
const PATH = '/api/v1/namespaces/shop/serviceaccounts/web';

function planOf(metadata: JsonObject, container?: string) {
  return planServiceAccountRemoval({
    namespace: 'shop',
    name: 'web',
    object: { metadata: { resourceVersion: '7', ...metadata } },
    container,
    annotationPrefix: 'eks.amazonaws.com',
  });
}

function callOf(metadata: JsonObject, container?: string) {
  const [step, ...more] = planOf(metadata, container).steps;
  assert.deepEqual(more, []);
  return step?.call.service === 'cluster' ? step.call.change : undefined;
}

const ACCOUNTS: readonly (readonly [name: string, metadata: JsonObject, change: object | undefined])[] = [
  [
    'that podrole created is deleted at the version that was read',
    { annotations: { ...CREATED, [ROLE_KEY]: ROLE_ARN } },
    { method: 'DELETE', path: PATH, body: { preconditions: { resourceVersion: '7' } } },
  ],
  [
    'that a tool has labelled since stays',
    {
      annotations: { ...CREATED, [ROLE_KEY]: ROLE_ARN },
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    },
    {
      method: 'PATCH',
      path: PATH,
      body: {
        metadata: {
          resourceVersion: '7',
          annotations: { [ROLE_KEY]: null, [CREATED_SERVICE_ACCOUNT_ANNOTATION]: null },
        },
      },
    },
  ],
  [
    'of somebody else loses only the annotations of the identity',
    { annotations: { [ROLE_KEY]: ROLE_ARN, team: 'shop' } },
    {
      method: 'PATCH',
      path: PATH,
      body: { metadata: { resourceVersion: '7', annotations: { [ROLE_KEY]: null } } },
    },
  ],
  ['without a role is not touched', { annotations: { team: 'shop' } }, undefined],
];
for (const [name, metadata, change] of ACCOUNTS) {
  test(`a ServiceAccount ${name}`, () => assert.deepEqual(callOf(metadata), change));
}

const AUDIENCE = { 'eks.amazonaws.com/audience': 'vault' };
const BOTH = { [LIST]: `fluentd=${ROLE_ARN}, php=${ROLE_ARN}2` };

/** Changes of a ServiceAccount that podrole created, by its annotations and by what is removed. */
const WITH_CONTAINERS: readonly (readonly [
  name: string,
  annotations: Readonly<Record<string, string>>,
  container: string | undefined,
  patch: JsonObject | 'deleted' | undefined,
])[] = [
  ['the role of the pod', { [ROLE_KEY]: ROLE_ARN, ...BOTH, ...AUDIENCE }, undefined, { [ROLE_KEY]: null }],
  ['the role of the pod, which it does not have', BOTH, undefined, undefined],
  ['beside a malformed list', { [ROLE_KEY]: ROLE_ARN, [LIST]: 'a b' }, undefined, { [ROLE_KEY]: null }],
  ['beside an empty list', { [ROLE_KEY]: ROLE_ARN, [LIST]: ', ' }, undefined, 'deleted'],
  ['the first container', { ...BOTH, ...AUDIENCE }, 'fluentd', { [LIST]: ` php=${ROLE_ARN}2` }],
  ['the last container', { ...BOTH, ...AUDIENCE }, 'php', { [LIST]: `fluentd=${ROLE_ARN}` }],
  ['the only container', { [LIST]: `php=${ROLE_ARN}`, ...AUDIENCE }, 'php', 'deleted'],
  [
    'the only container beside the role of the pod',
    { [ROLE_KEY]: ROLE_ARN, [LIST]: `php=${ROLE_ARN}`, ...AUDIENCE },
    'php',
    { [LIST]: null },
  ],
  ['a container that it does not name', { ...BOTH }, 'logs', undefined],
];
for (const [name, annotations, container, expected] of WITH_CONTAINERS) {
  test(`removed: ${name}`, () => {
    const call = callOf({ annotations: { ...CREATED, ...annotations } }, container);
    const body = call?.method === 'PATCH' ? Object(call.body).metadata.annotations : undefined;
    assert.deepEqual(call?.method === 'DELETE' ? 'deleted' : body, expected);
  });
}

test('the role of the pod goes, and the note names the containers that keep theirs', () => {
  assert.deepEqual(outlineOf(planOf({ annotations: { ...CREATED, [ROLE_KEY]: ROLE_ARN, ...BOTH } })), [
    'remove annotations',
    'note: ServiceAccount shop/web keeps the roles of its containers fluentd, php; to remove one, run podrole unbind -n shop web --container fluentd',
  ]);
});

test('an entry of a malformed list is not removed', () => {
  assert.deepEqual(outlineOf(planOf({ annotations: { [LIST]: 'a b' } }, 'a')), [
    'fault MALFORMED_CONTAINER_ROLES',
  ]);
});
