import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asObject } from '../../../lib/json/json.ts';
import { migratedWorkload, migrationModel } from '../../../testing/migrate/model.ts';
import { stepTexts, yamlValues } from '../../../testing/migrate/steps.ts';
import type { AccountBinding, ServiceAccountSplit } from '../../model.ts';

const role = { roleKind: 'Role', roleName: 'read' } as const;

/** Returns the objects that a plan adds, in which `default` of each namespace is split for one workload. */
function addedObjects(
  names: readonly (readonly [namespace: string, serviceAccount: string])[],
  split: Partial<ServiceAccountSplit>,
) {
  const model = migrationModel({
    workloads: names.map(([namespace, newServiceAccount], at) =>
      migratedWorkload(namespace, `w${at}`, { serviceAccount: 'default', newServiceAccount }),
    ),
    splits: [...new Set(names.map(([namespace]) => namespace))].map((namespace) => ({
      ...{ namespace, serviceAccount: 'default', keeps: undefined, others: [], imagePullSecrets: [] },
      ...{ bindings: [], ...split },
    })),
  });
  const files = [...stepTexts(model)].filter(([path]) => path.endsWith('/service-accounts.yaml'));
  return files.flatMap(([, text]) => yamlValues(text).map((value) => asObject(value) ?? {}));
}

test('every copied binding has a name of its own, so that none replaces another one', () => {
  const bindings: readonly AccountBinding[] = [
    { kind: 'RoleBinding', namespace: 'tools', name: 'a', ...role },
    { kind: 'RoleBinding', namespace: 'tools', name: 'a-b', ...role },
    { kind: 'ClusterRoleBinding', namespace: undefined, name: 'a', ...role, roleKind: 'ClusterRole' },
  ];
  const names = [
    ['shop', 'b-c'],
    ['shop', 'c'],
    ['batch', 'b-c'],
    ['batch', 'c'],
  ] as const;
  const copies = addedObjects(names, { bindings }).filter(({ kind }) => kind !== 'ServiceAccount');
  const keys = copies.map(({ kind, metadata }) => {
    const { namespace, name } = asObject(metadata) ?? {};
    return `${kind} ${namespace} ${name}`;
  });
  assert.equal(copies.length, names.length * bindings.length);
  assert.equal(new Set(keys).size, keys.length, keys.join('\n'));
});

for (const automounts of [undefined, true, false]) {
  test(`a new ServiceAccount mounts tokens as the old one does: ${automounts}`, () => {
    const [account] = addedObjects(
      [['shop', 'c']],
      automounts === undefined ? {} : { automountServiceAccountToken: automounts },
    );
    assert.equal(account?.['automountServiceAccountToken'], automounts);
  });
}
