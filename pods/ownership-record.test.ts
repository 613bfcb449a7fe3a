import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { mutatePod } from './mutate-pod.ts';

test('a pod whose record is too long to be read stays as it is', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `c${index}`).join(',');
  const roleArn = { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/web' };
  const pod = {
    metadata: { annotations: { [PODROLE_ANNOTATION.injected]: names } },
    spec: { containers: [{ name: 'c1', env: [roleArn] }] },
  };
  assert.equal(mutatePod(pod, undefined).pod, pod);
});
