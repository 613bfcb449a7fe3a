import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrationModel } from '../../testing/migrate/model.ts';
import { COPIED_BINDINGS_MAX } from '../model.ts';
import { copiesRights } from '../steps/namespaces/new-service-accounts.ts';
import { createObjectSink } from './object-sink.ts';

const createSink = () =>
  createObjectSink({ podRoleAnnotation: 'iam.amazonaws.com/role', annotationPrefix: 'eks.amazonaws.com' });

for (const [count, expected] of [
  [COPIED_BINDINGS_MAX, true],
  [COPIED_BINDINGS_MAX + 1, false],
  [10_000, false],
] as const) {
  test(`${count} bindings of one ServiceAccount: copied, or said to be too many`, () => {
    const sink = createSink();
    for (let at = 0; at < count; at += 1)
      sink.addBinding('RoleBinding', {
        metadata: { namespace: 'shop', name: `b${at}` },
        roleRef: { kind: 'Role', name: 'read' },
        subjects: [{ kind: 'ServiceAccount', name: 'default' }],
      });
    const bindings = sink.bindings.get('shop/default') ?? [];
    assert.ok(bindings.length <= COPIED_BINDINGS_MAX + 1);
    const [split] = migrationModel().splits;
    assert.ok(split);
    assert.equal(copiesRights({ ...split, bindings }), expected);
  });
}

test('a ServiceAccount keeps whether it mounts tokens, if it says so', () => {
  const sink = createSink();
  for (const [name, value] of [['unset'], ['off', false], ['wrong', 'false']] as const)
    sink.addServiceAccount({ metadata: { namespace: 'shop', name }, automountServiceAccountToken: value });
  assert.deepEqual(
    [...sink.serviceAccounts.values()].map((each) => each.automountServiceAccountToken),
    [undefined, false, undefined],
  );
});
