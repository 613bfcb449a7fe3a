import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthyChain, POD, SERVICE_ACCOUNT } from '../../../../testing/doctor/cluster-facts.ts';
import { ROLE } from '../../../../testing/doctor/doctor-cluster.ts';
import { ABSENT, read } from '../../../../testing/doctor/reading.ts';
import { commandsOf, verdictOf } from '../../../../testing/doctor/verdict.ts';
import { pod } from '../pod.ts';

const before = { name: 'AWS_ROLE_ARN', value: `${ROLE}-before` };
const containers = POD.containers.map((container) => ({
  ...container,
  env: container.env.map((variable) => (variable.name === before.name ? before : variable)),
}));
/** The annotation was changed after the pod was created. */
const stale = healthyChain({
  pod: read({ ...POD, containers }),
  serviceAccount: read({ ...SERVICE_ACCOUNT, annotatedAt: '2026-11-29T10:00:00Z' }),
});

test('a pod with the role from before: a new one gets the new role', () => {
  assert.equal(verdictOf(pod, stale), 'broken POD_OLDER_THAN_ANNOTATION');
});

test('a pod with the role from before, while the new one does not exist: a restart would take both', () => {
  const chain = { ...stale, aws: { ...stale.aws, role: ABSENT } };
  assert.equal(verdictOf(pod, chain), 'warning POD_OLDER_THAN_ANNOTATION');
  assert.deepEqual(commandsOf(pod, chain), []);
});
