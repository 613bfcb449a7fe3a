import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { findPods } from './find-pods.ts';
import type { ToldPath } from './template-path.ts';

const POD = { spec: { containers: [{ name: 'a' }] } };

/** Paths at which pods are found in an object of that kind. */
function pathsIn(object: unknown, ...told: ToldPath[]): string[] {
  return findPods(object, { namespace: 'shop', told }).map(({ path }) => path.join('.'));
}

const KNOWN: readonly (readonly [apiVersion: string | undefined, kind: string, path: string])[] = [
  ['v1', 'Pod', ''],
  ['v1', 'PodTemplate', 'template'],
  ['v1', 'ReplicationController', 'spec.template'],
  ['apps/v1', 'Deployment', 'spec.template'],
  ['extensions/v1beta1', 'Deployment', 'spec.template'],
  [undefined, 'Deployment', 'spec.template'],
  ['apps/v1', 'StatefulSet', 'spec.template'],
  ['apps/v1', 'DaemonSet', 'spec.template'],
  ['apps/v1', 'ReplicaSet', 'spec.template'],
  ['batch/v1', 'Job', 'spec.template'],
  ['batch/v1', 'CronJob', 'spec.jobTemplate.spec.template'],
  ['argoproj.io/v1alpha1', 'Rollout', 'spec.template'],
  ['argoproj.io/v1alpha1', 'Experiment', 'spec.templates.0.template'],
  ['argoproj.io/v1alpha1', 'AnalysisTemplate', 'spec.metrics.0.provider.job.spec.template'],
  ['argoproj.io/v1alpha1', 'ClusterAnalysisTemplate', 'spec.metrics.0.provider.job.spec.template'],
  ['argoproj.io/v1alpha1', 'AnalysisRun', 'spec.metrics.0.provider.job.spec.template'],
  ['apps.openshift.io/v1', 'DeploymentConfig', 'spec.template'],
  ['serving.knative.dev/v1', 'Service', 'spec.template'],
  ['serving.knative.dev/v1', 'Configuration', 'spec.template'],
  ['apps.kruise.io/v1alpha1', 'CloneSet', 'spec.template'],
  ['apps.kruise.io/v1beta1', 'StatefulSet', 'spec.template'],
  ['apps.kruise.io/v1alpha1', 'DaemonSet', 'spec.template'],
  ['apps.kruise.io/v1alpha1', 'BroadcastJob', 'spec.template'],
  ['keda.sh/v1alpha1', 'ScaledJob', 'spec.jobTargetRef.template'],
  ['jobset.x-k8s.io/v1alpha2', 'JobSet', 'spec.replicatedJobs.0.template.spec.template'],
  ['leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'spec.leaderWorkerTemplate.leaderTemplate'],
  ['leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'spec.leaderWorkerTemplate.workerTemplate'],
];

function objectWith(apiVersion: string | undefined, kind: string, path: string): Record<string, unknown> {
  const keys = path === '' ? [] : path.split('.');
  const value = keys.reduceRight<unknown>((inner, key) => (key === '0' ? [inner] : { [key]: inner }), POD);
  return { ...(apiVersion === undefined ? {} : { apiVersion }), kind, ...Object(value) };
}

for (const [apiVersion, kind, path] of KNOWN) {
  test(`${kind} of ${apiVersion ?? 'no version'} has its pod at "${path}"`, () => {
    const object = objectWith(apiVersion, kind, path);
    assert.deepEqual(pathsIn(object), [path]);
    assert.deepEqual(pathsIn({ kind: 'List', items: [{ kind: 'Other' }, object] }), [
      ['items', 1, ...(path ? [path] : [])].join('.'),
    ]);
    const elsewhere = objectWith('example.com/v1', kind, path);
    assert.deepEqual(pathsIn(elsewhere), []);
    const told = { kind, group: 'example.com', path: path.split('.').filter(Boolean) };
    const each = { ...told, path: told.path.map((key) => (key === '0' ? '*' : key)) };
    assert.deepEqual(pathsIn(elsewhere, each), [path]);
    assert.deepEqual(pathsIn(objectWith('example.org/v1', kind, path), each), []);
  });
}

test('an analysis may have metrics without a Job', () => {
  const job = { spec: { template: POD } };
  const metrics = [{ provider: { prometheus: { query: 'up' } } }, { name: 'a' }, { provider: { job } }];
  const object = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisTemplate', spec: { metrics } };
  assert.deepEqual(pathsIn(object), ['spec.metrics.2.provider.job.spec.template']);
});

test('paths of the user add to what is known, and the outer pod of two comes first', () => {
  const spec = { containers: [{ name: 'b' }], template: POD };
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', spec, more: POD };
  const told = [['more'], ['spec', 'template'], []].map((path) => ({ kind: 'Deployment', path }));
  assert.deepEqual(pathsIn(object, ...told), ['', 'more', 'spec.template']);
});

/** Pods of a Deployment that the API server refuses, and the place. */
const MALFORMED: readonly (readonly [template: string, problem: string])[] = [
  ['[]', 'spec.template must be a mapping'],
  ['yes', 'spec.template must be a mapping'],
  ['{metadata: web}', 'spec.template.metadata must be a mapping'],
  ['{metadata: {annotations: [a]}}', 'spec.template.metadata.annotations must be a mapping'],
  ['{metadata: {labels: a}}', 'spec.template.metadata.labels must be a mapping'],
  ['{spec: {serviceAccountName: 1}}', 'spec.template.spec.serviceAccountName must be a string'],
  ['{spec: {serviceAccount: {}}}', 'spec.template.spec.serviceAccount must be a string'],
  ['{spec: {containers: {name: a}}}', 'spec.template.spec.containers must be a list'],
  ['{spec: {containers: [a]}}', 'spec.template.spec.containers[0] must be a mapping'],
  ['{spec: {containers: [{}, {env: {A: b}}]}}', 'spec.template.spec.containers[1].env must be a list'],
  ['{spec: {containers: [{env: [A=b]}]}}', 'spec.template.spec.containers[0].env[0] must be a mapping'],
  [
    '{spec: {containers: [{volumeMounts: a}]}}',
    'spec.template.spec.containers[0].volumeMounts must be a list',
  ],
  ['{spec: {initContainers: a}}', 'spec.template.spec.initContainers must be a list'],
  ['{spec: {initContainers: [{env: 1}]}}', 'spec.template.spec.initContainers[0].env must be a list'],
  ['{spec: {volumes: {}}}', 'spec.template.spec.volumes must be a list'],
];

for (const [template, problem] of MALFORMED) {
  test(`a template is an error that names document, object and place: ${template}`, () => {
    const deployment = parse(
      `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: ${template}}}`,
    );
    const search = { namespace: 'shop', origin: 'in.yaml, document 2' };
    assert.throws(() => findPods({ kind: 'List', items: [deployment, deployment] }, search), {
      code: 'INVALID_MANIFEST',
      message: Array(2)
        .fill(
          `in.yaml, document 2: Deployment shop/web: ${problem}; correct it: the API server would refuse it`,
        )
        .join('\n'),
    });
  });
}

test('what is absent or null is not malformed: patches leave out what they do not change', () => {
  for (const spec of ['', '{}', '{template: }', '{template: {}}', '{template: {spec: {containers: }}}']) {
    assert.deepEqual(pathsIn(parse(`{kind: Deployment, spec: ${spec}}`)), []);
  }
  const nulls =
    '{metadata: , spec: {volumes: , initContainers: , containers: [{env: , volumeMounts: }, null]}}';
  assert.deepEqual(pathsIn(parse(`{kind: Deployment, spec: {template: ${nulls}}}`)), ['spec.template']);
  // A path of the user need not fit every version of the kind.
  assert.deepEqual(pathsIn({ kind: 'Fleet', spec: 'a' }, { kind: 'Fleet', path: ['spec', 'template'] }), []);
});

test('aliases that repeat a list of templates are bounded', () => {
  const many = (items: unknown) => Array(200).fill(items);
  const object = { kind: 'Fleet', a: many(many(many({ spec: {} }))) };
  const told = { kind: 'Fleet', path: ['a', '*', '*', '*'] };
  assert.throws(() => pathsIn(object, told), {
    code: 'INVALID_MANIFEST',
    message: /contains more than 10000 pod templates/,
  });
});
