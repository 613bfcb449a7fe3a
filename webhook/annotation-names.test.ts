import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concernsIdentity, misspeltAnnotation } from './annotation-names.ts';

const PREFIX = 'eks.amazonaws.com';

test('what an annotation was probably meant to be', () => {
  const cases: [key: string, meant: string | undefined][] = [
    ['eks.amazon.com/role-arn', 'eks.amazonaws.com/role-arn'],
    ['eks.amazonaws.com/rolearn', 'eks.amazonaws.com/role-arn'],
    ['eks.amazonaws.com/role_arn', 'eks.amazonaws.com/role-arn'],
    ['EKS.amazonaws.com/Role-ARN', 'eks.amazonaws.com/role-arn'],
    ['eks.amazonaws.com/sts-regional-endpoint', 'eks.amazonaws.com/sts-regional-endpoints'],
    ['podrole.dev/sesion-name', 'podrole.dev/session-name'],
    ['podrole.io/session-name', 'podrole.dev/session-name'],
    ['podrole.dev/include-container', 'podrole.dev/include-containers'],
    ['eks.amazonaws.com/role-arn', undefined],
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

test('another prefix is another set of names, also where the key was seen before', () => {
  assert.equal(misspeltAnnotation('eks.amazonaws.com/rolearn', 'irsa.example.com'), undefined);
  assert.equal(
    misspeltAnnotation('irsa.example.com/rolearn', 'irsa.example.com'),
    'irsa.example.com/role-arn',
  );
  assert.equal(concernsIdentity('eks.amazonaws.com/role-arn', 'irsa.example.com'), false);
});

test('more keys than are remembered are still judged right', () => {
  for (let index = 0; index < 2_500; index++) misspeltAnnotation(`example.com/key-${index}`, PREFIX);
  assert.equal(misspeltAnnotation('eks.amazon.com/role-arn', PREFIX), 'eks.amazonaws.com/role-arn');
});
