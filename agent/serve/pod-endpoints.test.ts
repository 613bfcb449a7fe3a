import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { sampleGrant, samplePod, sampleRole } from '../../testing/agent/sample-pod.ts';
import { workloadFacts, workloadSession } from '../../testing/sidecar/workload.ts';
import { openPodEndpoints } from './pod-endpoints.ts';

const open = () =>
  openPodEndpoints({
    sessionsOf: () => ({ current: async () => workloadSession }),
    host: workloadFacts,
    imdsv2: 'optional',
    tokens: { monotonicMs: () => 0, randomBytes },
  });

test('the role of the pod and that of each container have endpoints of their own', () => {
  const endpoints = open();
  const pod = samplePod('web');
  const grants = [undefined, 'app', 'proxy'].map((container) => sampleGrant({ container }));
  const made = grants.map((grant) => endpoints.of(pod, grant));
  assert.equal(new Set(made).size, 3);
  assert.deepEqual(
    grants.map((grant) => endpoints.of(pod, { ...grant })),
    made,
  );
});

test('a target is the role that the pod sees', async () => {
  const target = { role: sampleRole('target'), hasSessionTags: false };
  const { metadata } = open().of(samplePod('web'), sampleGrant({ target }));
  const url = '/latest/meta-data/iam/security-credentials/';
  assert.equal((await metadata({ method: 'GET', url, headers: {} })).body, 'target');
});

test('a pod has the instance ID that its sidecar would have: by its host name, of 63 characters at most', async () => {
  const endpoints = open();
  const idOf = async (name: string) => {
    const { metadata } = endpoints.of({ ...samplePod('web'), uid: name, name }, sampleGrant());
    const url = '/latest/meta-data/instance-id';
    return (await metadata({ method: 'GET', url, headers: {} })).body;
  };
  const long = `${'a'.repeat(62)}-${'b'.repeat(20)}`;
  assert.equal(await idOf(long), await idOf('a'.repeat(62)));
  assert.notEqual(await idOf('web-0'), await idOf('web-1'));
});
