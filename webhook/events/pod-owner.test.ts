import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podOwner } from './pod-owner.ts';

const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9f', uid: 'a0-1' };
const pod = (...ownerReferences: unknown[]) => ({ metadata: { generateName: 'web-', ownerReferences } });

test('the controller of a pod is its owner', () => {
  const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'b' };
  const found = podOwner(pod(other, { ...owner, controller: true, blockOwnerDeletion: true }));
  assert.deepEqual(found, owner);
});

for (const [what, reference] of Object.entries({
  'an owner that is not its controller': owner,
  'the Node of a mirror pod': { ...owner, apiVersion: 'v1', kind: 'Node', controller: true },
  'an owner without a uid': { ...owner, uid: undefined, controller: true },
  'a name with a slash': { ...owner, name: 'a/b', controller: true },
  'a name that is too long': { ...owner, name: 'a'.repeat(254), controller: true },
  'a kind with a line break': { ...owner, kind: 'Job\nx', controller: true },
  'an apiVersion with two slashes': { ...owner, apiVersion: 'a/b/c', controller: true },
  'a uid with a control character': { ...owner, uid: 'a\u001b', controller: true },
  'a string': 'ReplicaSet',
})) {
  test(`no owner: ${what}`, () => assert.equal(podOwner(pod(reference)), undefined));
}

test('no owner: a pod that a person created, and a pod without metadata', () => {
  assert.equal(podOwner({ metadata: { name: 'web' } }), undefined);
  assert.equal(podOwner({}), undefined);
});
