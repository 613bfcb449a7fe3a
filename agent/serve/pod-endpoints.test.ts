import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { sampleGrant, samplePod, sampleRole } from '../../testing/agent/sample-pod.ts';
import { workloadFacts, workloadSession } from '../../testing/sidecar/workload.ts';
import { openPodEndpoints } from './pod-endpoints.ts';

const open = () => {
  const asked: string[] = [];
  const endpoints = openPodEndpoints({
    sessionsOf: (pod, { role }) => {
      asked.push(`${pod.name} ${role.name}`);
      return { current: async () => workloadSession };
    },
    node: workloadFacts,
    imdsv2: 'optional',
    tokens: { monotonicMs: () => 0, randomBytes },
  });
  return { endpoints, asked };
};

test('a pod keeps its endpoints while its grant says the same, also in a newer copy', () => {
  const { endpoints, asked } = open();
  const first = endpoints.of(samplePod('web'), sampleGrant());
  assert.equal(endpoints.of(samplePod('web'), sampleGrant()), first);
  assert.deepEqual(asked, ['web web']);
  endpoints.forget('uid-web');
  assert.notEqual(endpoints.of(samplePod('web'), sampleGrant()), first);
});

test('each container with a role of its own has its own, and a changed role takes the place of the old one', () => {
  const { endpoints, asked } = open();
  const pod = samplePod('web');
  const own = sampleGrant({ container: 'proxy', role: sampleRole('own') });
  const ofPod = endpoints.of(pod, sampleGrant());
  const ofContainer = endpoints.of(pod, own);
  assert.notEqual(ofPod, ofContainer);
  const changed = { ...own, role: sampleRole('other') };
  assert.notEqual(endpoints.of(pod, changed), ofContainer);
  assert.notEqual(endpoints.of(pod, own), ofContainer, 'the old one was not kept');
  assert.equal(endpoints.of(pod, sampleGrant()), ofPod);
  assert.deepEqual(asked, ['web web', 'web own', 'web other', 'web own']);
});

test('pods that nobody reports as gone do not fill the memory, and a pod that asks keeps its own', () => {
  const { endpoints, asked } = open();
  const ofFirst = endpoints.of(samplePod('first'), sampleGrant());
  const ofSecond = endpoints.of(samplePod('second'), sampleGrant());
  for (let at = 0; at < 1_023; at += 1) {
    endpoints.of(samplePod(`gone-${at}`), sampleGrant());
    assert.equal(endpoints.of(samplePod('first'), sampleGrant()), ofFirst);
  }
  assert.equal(asked.length, 1_025);
  assert.notEqual(endpoints.of(samplePod('second'), sampleGrant()), ofSecond);
});

test('a pod has the instance ID that its sidecar would have: by its host name, of 63 characters at most', async () => {
  const { endpoints } = open();
  const idOf = async (name: string) => {
    const { metadata } = endpoints.of({ ...samplePod('web'), uid: name, name }, sampleGrant());
    const url = '/latest/meta-data/instance-id';
    return (await metadata({ method: 'GET', url, headers: {} })).body;
  };
  const long = `${'a'.repeat(62)}-${'b'.repeat(20)}`;
  assert.equal(await idOf(long), await idOf('a'.repeat(62)));
  assert.notEqual(await idOf('web-0'), await idOf('web-1'));
});
