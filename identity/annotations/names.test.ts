import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MISSPELT_LIMITS, misspeltAnnotation, misspeltAnnotations } from './names.ts';

const PREFIX = 'eks.amazonaws.com';

test('a misspelt annotation leads to the one that was probably meant', () => {
  const cases: [key: string, meant: string | undefined][] = [
    ['eks.amazon.com/role-arn', 'eks.amazonaws.com/role-arn'],
    ['eks.amazonaws.com/rolearn', 'eks.amazonaws.com/role-arn'],
    ['eks.amazonaws.com/role_arn', 'eks.amazonaws.com/role-arn'],
    ['EKS.amazonaws.com/Role-ARN', 'eks.amazonaws.com/role-arn'],
    ['eks.amazonaws.com/sts-regional-endpoint', 'eks.amazonaws.com/sts-regional-endpoints'],
    ['podrole.dev/sesion-name', 'podrole.dev/session-name'],
    ['podrole.io/session-name', 'podrole.dev/session-name'],
    ['podrole.dev/include-container', 'podrole.dev/include-containers'],
    ['podrole.dev/role-arn', 'eks.amazonaws.com/role-arn'],
    ['podrole.dev/rolearn', 'eks.amazonaws.com/role-arn'],
    ['podrole.io/role-arn', 'eks.amazonaws.com/role-arn'],
    ['podrole.dev/audience', 'eks.amazonaws.com/audience'],
    ['podrole.dev/skip-containers', 'eks.amazonaws.com/skip-containers'],
    ['podrole.dev/sts-regional-endpoints', 'eks.amazonaws.com/sts-regional-endpoints'],
    ['eks.amazonaws.com/container-roles', 'podrole.dev/container-roles'],
    ['eks.amazonaws.com/session-name', 'podrole.dev/session-name'],
    ['eks.amazonaws.com/side-car', 'podrole.dev/sidecar'],
    ['iam.amazonaws.com/role-arn', 'eks.amazonaws.com/role-arn'],
    ['eks.amazonaws.com/role-arn', undefined],
    ['example.com/role-arn', undefined],
    ['example.com/sidecar', undefined],
    ['podrole.dev/injected', undefined],
    ['podrole.dev/inject', undefined],
    ['podrole.dev/sidecar', undefined],
    ['iam.amazonaws.com/role', undefined],
    ['meta.helm.sh/release-name', undefined],
    ['eks.amazonaws.com/unrelated', undefined],
    ['', undefined],
  ];
  for (const [key, meant] of cases) {
    assert.equal(misspeltAnnotation(key, PREFIX), meant, key);
    assert.equal(misspeltAnnotation(key, PREFIX), meant, `${key}, as remembered`);
  }
});

test('another prefix means another set of names, even for a key that was seen before', () => {
  assert.equal(misspeltAnnotation('eks.amazonaws.com/rolearn', 'irsa.example.com'), undefined);
  assert.equal(
    misspeltAnnotation('irsa.example.com/rolearn', 'irsa.example.com'),
    'irsa.example.com/role-arn',
  );
  assert.equal(misspeltAnnotation('eks.amazonaws.com/role-arn', 'irsa.example.com'), undefined);
  assert.equal(misspeltAnnotation('podrole.dev/role-arn', 'irsa.example.com'), 'irsa.example.com/role-arn');
  assert.equal(misspeltAnnotation('podrole.dev/rolearn', 'podrole.dev'), 'podrole.dev/role-arn');
  assert.equal(misspeltAnnotation('podrole.dev/role-arn', 'podrole.dev'), undefined);
});

test('more keys than are remembered are still judged right', () => {
  for (let index = 0; index < 2_500; index++) misspeltAnnotation(`example.com/key-${index}`, PREFIX);
  assert.equal(misspeltAnnotation('eks.amazon.com/role-arn', PREFIX), 'eks.amazonaws.com/role-arn');
});

test('the limits bound the keys that are checked, and the misspellings that are found, in one object', () => {
  const { keysLookedAt, found } = MISSPELT_LIMITS;
  let taken = 0;
  function* keysOf(keyAt: (index: number) => string): Iterable<string> {
    for (taken = 0; taken < 80_000; taken += 1) yield keyAt(taken);
  }
  const floods: [name: string, keyAt: (index: number) => string, most: number, misspelt: number][] = [
    ['near misses', (at) => `eks.amazonaws.com/role-${at % 1_000}`, found, found],
    [
      'far misses of their length',
      (at) => `eks.amazonaws.org/${String(at).padStart(8, 'x')}`,
      keysLookedAt,
      0,
    ],
    ['keys of the greatest length', (at) => `${at}/${'x'.repeat(250)}`, keysLookedAt, 0],
  ];
  for (const [name, keyAt, most, misspelt] of floods) {
    assert.equal(misspeltAnnotations(keysOf(keyAt), PREFIX).length, misspelt, name);
    assert.equal(taken, most, name);
  }
});

test('misspelt keys are returned in their order, each with the meant one', () => {
  const keys = ['team', 'eks.amazonaws.com/rolearn', 'eks.amazonaws.com/role-arn', 'podrole.dev/sidecars'];
  assert.deepEqual(misspeltAnnotations(keys, PREFIX), [
    { written: 'eks.amazonaws.com/rolearn', meant: 'eks.amazonaws.com/role-arn' },
    { written: 'podrole.dev/sidecars', meant: 'podrole.dev/sidecar' },
  ]);
});
