import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DEPLOYMENT, type PodCluster, startPodCluster } from '../testing/kubernetes/pod-cluster.ts';

/** Tenants of the namespace, and other webhooks, against `podrole test`. */
let cluster: PodCluster;
beforeEach(async () => {
  cluster = await startPodCluster();
});
afterEach(() => cluster.server.stop());

test('a Deployment that a tenant labels as that of the webhook does not choose the image', async () => {
  cluster.deploy('aaa-tenant', 'evil.test/stealer:1');
  assert.match((await cluster.testWeb()).stderr, /with registry\.test\/podrole:1/);
  cluster.stored.drop(DEPLOYMENT);
  assert.match((await cluster.testWeb()).stderr, /\[NO_TEST_IMAGE\]/);
  cluster.register('pods.aws.test', 'aaa-tenant');
  assert.match((await cluster.testWeb()).stderr, /\[NO_TEST_IMAGE\]/);
});

test('an image with characters that a terminal obeys is not used', async () => {
  cluster.deploy('podrole', 'podrole:1\u001b]0;x');
  assert.match((await cluster.testWeb()).stderr, /\[NO_TEST_IMAGE\]/);
});
