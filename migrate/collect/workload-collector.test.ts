import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../lib/json/json.ts';
import { WORKLOAD_KINDS } from './kinds.ts';
import { createWorkloadCollector } from './workload-collector.ts';

const KEY = 'iam.amazonaws.com/role';

interface Owned {
  readonly owner?: readonly [kind: string, name: string, apiVersion?: string];
  readonly role?: string;
}

function object(name: string, { owner, role }: Owned, rest: JsonObject): JsonObject {
  const ownerReferences = owner && [
    { kind: owner[0], name: owner[1], apiVersion: owner[2], controller: true },
  ];
  return {
    metadata: { namespace: 'shop', name, ownerReferences, ...(role && { annotations: { [KEY]: role } }) },
    ...rest,
  };
}

const pod = (name: string, owned: Owned = {}, rest: JsonObject = {}) =>
  object(name, owned, { spec: { serviceAccountName: 'web', containers: [{ name: 'a' }] }, ...rest });

function controller(name: string, owned: Owned = {}, rest: JsonObject = {}): JsonObject {
  const { role, ...own } = owned;
  const template = {
    metadata: { annotations: role === undefined ? {} : { [KEY]: role } },
    spec: { containers: [] },
  };
  return object(name, own, { spec: { template, jobTemplate: { spec: { template } } }, ...rest });
}

function collected(
  workloads: readonly (readonly [kind: string, object: JsonObject])[],
  pods: readonly JsonObject[],
) {
  const collector = createWorkloadCollector(KEY);
  for (const [kind, each] of workloads) {
    const known = WORKLOAD_KINDS.find((one) => one.kind === kind);
    assert.ok(known);
    collector.addWorkload(known, each);
  }
  for (const each of pods) collector.addPod(each);
  return collector
    .workloads()
    .map(({ apiVersion, kind, name, template, pods: own }) => [
      `${apiVersion} ${kind} ${name}`,
      template?.role,
      own.map((one) => one.name).join(' '),
    ]);
}

test('pods belong to the topmost controller, whose template counts', () => {
  assert.deepEqual(
    collected(
      [
        ['Deployment', controller('web', { role: 'r' })],
        ['ReplicaSet', controller('web-1', { owner: ['Deployment', 'web'], role: 'old' })],
        ['CronJob', controller('report', { role: 'c' })],
        ['Job', controller('report-1', { owner: ['CronJob', 'report'], role: 'c' })],
        ['StatefulSet', controller('idle', { role: 's' })],
        ['ReplicaSet', controller('bare', { role: 'b' })],
      ],
      [
        pod('web-1-b', { owner: ['ReplicaSet', 'web-1'], role: 'r' }),
        pod('web-1-a', { owner: ['ReplicaSet', 'web-1'], role: 'r' }),
        pod('report-1-a', { owner: ['Job', 'report-1'], role: 'c' }),
        pod('bare-a', { owner: ['ReplicaSet', 'bare'], role: 'b' }),
        pod('alone', { role: 'a' }),
      ],
    ),
    [
      ['batch/v1 CronJob report', 'c', 'report-1-a'],
      ['apps/v1 Deployment web', 'r', 'web-1-a web-1-b'],
      ['v1 Pod alone', 'a', 'alone'],
      ['apps/v1 ReplicaSet bare', 'b', 'bare-a'],
      ['apps/v1 StatefulSet idle', 's', ''],
    ],
  );
});

test('a controller of others is known by its pods alone', () => {
  assert.deepEqual(
    collected(
      [['ReplicaSet', controller('web-1', { owner: ['Rollout', 'web', 'argoproj.io/v1alpha1'] })]],
      [pod('web-1-a', { owner: ['ReplicaSet', 'web-1'], role: 'r' })],
    ),
    [['argoproj.io/v1alpha1 Rollout web', undefined, 'web-1-a']],
  );
});

test('owners in a circle, or that do not exist, end the search', () => {
  const found = collected(
    [
      ['Job', controller('a', { owner: ['Job', 'b'] })],
      ['Job', controller('b', { owner: ['Job', 'a'] })],
    ],
    [pod('p', { owner: ['Job', 'a'] }), pod('q', { owner: ['ReplicaSet', 'gone', 'apps/v1'] })],
  );
  assert.deepEqual(found.map(([, , pods]) => pods).sort(), ['p', 'q']);
});

test('what has ended is left out', () => {
  const ended = { status: { conditions: [{ type: 'Complete', status: 'True' }] } };
  const open = { status: { conditions: [{ type: 'Complete', status: 'False' }] } };
  assert.deepEqual(
    collected(
      [
        ['Job', controller('ended', { role: 'r' }, ended)],
        ['Job', controller('open', { role: 'r' }, open)],
      ],
      [
        pod('a', { role: 'r' }, { status: { phase: 'Succeeded' } }),
        pod('b', { role: 'r' }, { status: { phase: 'Failed' } }),
        pod('c', { role: 'r' }, { status: { phase: 'Running' } }),
      ],
    ),
    [
      ['batch/v1 Job open', 'r', ''],
      ['v1 Pod c', 'r', 'c'],
    ],
  );
});

test('a static pod stands for itself, and a moved pod shows its role', () => {
  const collector = createWorkloadCollector(KEY);
  collector.addPod({
    metadata: {
      namespace: 'shop',
      name: 'static',
      annotations: { 'kubernetes.io/config.mirror': 'x', [KEY]: 'r' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'one', controller: true }],
    },
    spec: { containers: [] },
  });
  const env = [
    { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/web' },
    { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/var/run/secrets/token' },
    { name: 'AWS_PROFILE', value: 'x' },
  ];
  collector.addPod(pod('moved', { role: 'web' }, { spec: { containers: [{ name: 'a', env }] } }));
  const [moved, fixed] = collector.workloads();
  assert.deepEqual([fixed?.kind, fixed?.pods[0]?.isStatic], ['Pod', true]);
  assert.deepEqual(moved?.pods[0]?.injectedRoles, ['arn:aws:iam::111122223333:role/web']);
  assert.deepEqual(moved?.pods[0]?.ownVariables, ['AWS_PROFILE']);
});

test('malformed objects are taken as far as they are understood', () => {
  const collector = createWorkloadCollector(KEY);
  for (const kind of WORKLOAD_KINDS)
    for (const raw of [
      {},
      { metadata: null, spec: [] },
      { metadata: { ownerReferences: [null, 1] }, spec: { template: 1 } },
    ])
      collector.addWorkload(kind, raw);
  for (const raw of [{}, { metadata: [], spec: null }, { spec: { containers: [null, { env: [1] }] } }])
    collector.addPod(raw);
  assert.ok(collector.workloads().every(({ template }) => template?.role === undefined));
});
