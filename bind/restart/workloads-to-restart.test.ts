import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../lib/json/json.ts';
import { describeWorkload } from './workload.ts';
import { workloadsToRestart } from './workloads-to-restart.ts';

const ROLE = 'arn:aws:iam::111122223333:role/web';
const OTHER = 'arn:aws:iam::111122223333:role/old';

test('a Deployment whose pods lack the role is restarted, once, whatever ReplicaSets they are of', () => {
  const pods = [
    pod('a', 'ReplicaSet', 'web-1'),
    pod('b', 'ReplicaSet', 'web-2'),
    pod('c', 'StatefulSet', 'db'),
  ];
  assert.deepEqual(describe(pods), [
    'Deployment shop/web: 2 pods with no role',
    'StatefulSet shop/db: 1 pods with no role',
  ]);
});

test('owners that own each other, or themselves, end the search', () => {
  const circle = new Map([
    ['ReplicaSet shop/one', pod('one', 'ReplicaSet', 'two')],
    ['ReplicaSet shop/two', pod('two', 'ReplicaSet', 'one')],
    ['Job shop/self', pod('self', 'Job', 'self')],
  ]);
  const pods = [pod('a', 'ReplicaSet', 'one'), pod('b', 'Job', 'self')];
  const found = workloadsToRestart({ pods, owners: circle }, { roleArn: ROLE });
  assert.deepEqual(found.map(describeWorkload), ['ReplicaSet shop/two', 'Job shop/self']);
});

test('a kind that is the name of a member of every object is a kind like others', () => {
  const found = workloadsToRestart(
    { pods: [pod('a', 'constructor', 'x')], owners: new Map() },
    { roleArn: ROLE },
  );
  assert.equal(found[0]?.byHand, 'delete its pods, or restart it by the means of constructor');
});

const LEFT_ALONE: Readonly<Record<string, JsonObject>> = {
  'has the role': withRoles([ROLE]),
  'has the role in one of its containers': withRoles([OTHER, ROLE]),
  'has the role in an init container': { ...pod('a'), spec: { initContainers: [container(ROLE)] } },
  'has ended': { ...pod('a'), status: { phase: 'Succeeded' } },
  'has failed': { ...pod('a'), status: { phase: 'Failed' } },
  'is being deleted': pod('a', undefined, '', { deletionTimestamp: '2026-08-01T00:00:00Z' }),
  'is to have no role': pod('a', undefined, '', {
    labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': '' },
  }),
};

for (const [name, left] of Object.entries(LEFT_ALONE)) {
  test(`left alone: a pod that ${name}`, () => assert.deepEqual(describe([left]), []));
}

test('only the container with a role of its own counts for that role', () => {
  const wanted = { roleArn: ROLE, container: 'logs' };
  const named = (name: string, role?: string) => ({ ...(role ? container(role) : {}), name });
  const pods = [
    withContainers(named('app', ROLE), named('logs', OTHER)),
    withContainers(named('app', ROLE), named('logs')),
    withContainers(named('app', OTHER), named('logs', ROLE)),
    withContainers(named('app', OTHER)),
  ];
  const of = (at: number) => workloadsToRestart({ pods: pods.slice(at, at + 1), owners: new Map() }, wanted);
  assert.deepEqual(
    [0, 1, 2, 3].map((at) => of(at).map(({ has }) => has)),
    [[OTHER], ['no role'], [], []],
  );
  const forPod = { roleArn: ROLE, othersRoles: new Set(['logs']) };
  const found = (...containers: JsonObject[]) =>
    workloadsToRestart({ pods: [withContainers(...containers)], owners: new Map() }, forPod).length;
  assert.deepEqual(
    [found(named('logs', OTHER)), found(named('logs', ROLE), named('app')), found(named('app', ROLE))],
    [0, 1, 0],
  );
});

const BY_HAND: readonly (readonly [kind: string, name: string, expected: string])[] = [
  [
    'DaemonSet',
    'on-delete',
    'DaemonSet shop/on-delete: 1 pods with no role; its update strategy is OnDelete',
  ],
  ['ReplicaSet', 'paused-1', 'Deployment shop/paused: 1 pods with no role; its rollout is paused'],
  ['Job', 'once', 'Job shop/once: 1 pods with no role; a Job keeps its pods'],
  ['Job', 'nightly-1', 'CronJob shop/nightly: 1 pods with no role; its next run has the role'],
  ['ReplicaSet', 'lonely', 'ReplicaSet shop/lonely: 1 pods with no role; delete its pods'],
  ['ReplicaSet', 'gone', 'ReplicaSet shop/gone: 1 pods with no role; delete its pods'],
  [
    'Rollout',
    'canary',
    'Rollout shop/canary: 1 pods with no role; delete its pods, or restart it by the means of',
  ],
];

for (const [kind, name, expected] of BY_HAND) {
  test(`by hand: ${expected}`, () => {
    const [line, ...more] = describe([pod('a', kind, name)]);
    assert.ok(line?.startsWith(expected), line);
    assert.deepEqual(more, []);
  });
}

test('a pod that nothing made is named itself, with the role that it has', () => {
  assert.deepEqual(describe([withRoles([OTHER])]), [
    `Pod shop/a: 1 pods with ${OTHER}; it has no owner that replaces it: delete it and create it again`,
  ]);
});

function describe(pods: readonly JsonObject[]): string[] {
  return workloadsToRestart({ pods, owners: new Map(OWNERS) }, { roleArn: ROLE }).map(
    (found) =>
      `${describeWorkload(found)}: ${found.pods} pods with ${found.has}${found.byHand ? `; ${found.byHand}` : ''}`,
  );
}

const OWNERS: readonly (readonly [string, JsonObject])[] = [
  ['ReplicaSet shop/web-1', pod('web-1', 'Deployment', 'web')],
  ['ReplicaSet shop/web-2', pod('web-2', 'Deployment', 'web')],
  ['ReplicaSet shop/paused-1', pod('paused-1', 'Deployment', 'paused')],
  ['ReplicaSet shop/lonely', pod('lonely')],
  ['Job shop/nightly-1', pod('nightly-1', 'CronJob', 'nightly')],
  ['Deployment shop/paused', { spec: { paused: true } }],
  ['DaemonSet shop/on-delete', { spec: { updateStrategy: { type: 'OnDelete' } } }],
];

function pod(name: string, kind?: string, owner = '', metadata: JsonObject = {}): JsonObject {
  const observer = { kind: 'Observer', name: 'o', controller: false };
  const ownerReferences = [observer, ...(kind ? [{ kind, name: owner, controller: true }] : [])];
  return { metadata: { namespace: 'shop', name, ownerReferences, ...metadata } };
}

function withRoles(roles: readonly string[]): JsonObject {
  return { ...pod('a'), spec: { containers: roles.map(container) } };
}

function withContainers(...containers: readonly JsonObject[]): JsonObject {
  return { ...pod('a'), spec: { containers } };
}

function container(role: string): JsonObject {
  return {
    env: [
      { name: 'AWS_ROLE_ARN', value: role },
      { name: 'AWS_REGION', valueFrom: {} },
    ],
  };
}
