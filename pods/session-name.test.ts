import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SESSION_NAME } from '../lib/contract/sts.ts';
import { sessionNameVariables } from './session-name.ts';

const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);

/** The session name as the kubelet expands it, for a pod of that name. */
function expanded(namespace: string, metadata: Record<string, string>, podName: string, maxLength?: number) {
  const value = sessionNameVariables(namespace, metadata, maxLength).at(-1)?.['value'];
  return String(value).replace('$(PODROLE_POD_NAME)', podName);
}

test('a pod with a name: STS accepts the session name', () => {
  const name = fc.stringMatching(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/);
  fc.assert(
    fc.property(label, name, (namespace, podName) => {
      assert.match(expanded(namespace, { name: podName }, ''), SESSION_NAME.pattern);
    }),
  );
});

test('a pod that the API server names: STS accepts the session name, which ends in the pod name', () => {
  const base = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,79}$/);
  fc.assert(
    fc.property(label, base, (namespace, generateName) => {
      const podName = `${generateName.slice(0, 58)}x7k2p`;
      const session = expanded(namespace, { generateName }, podName);
      assert.match(session, SESSION_NAME.pattern);
      assert.ok(session.endsWith(podName));
    }),
  );
});

test('a template: the longest name that it can lead to fits', () => {
  fc.assert(
    fc.property(label, fc.integer({ min: 1, max: 63 }), (namespace, maxLength) => {
      assert.match(expanded(namespace, {}, 'p'.repeat(maxLength), maxLength), SESSION_NAME.pattern);
      assert.match(expanded(namespace, {}, 'p'.repeat(63)), SESSION_NAME.pattern);
    }),
  );
});

test('pods that differ only beyond the cut have different session names', () => {
  const long = 'p'.repeat(80);
  assert.notEqual(expanded('shop', { name: `${long}a` }, ''), expanded('shop', { name: `${long}b` }, ''));
});
