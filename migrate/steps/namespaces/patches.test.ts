import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migratedWorkload, migrationModel } from '../../../testing/migrate/model.ts';
import { stepTexts } from '../../../testing/migrate/steps.ts';
import type { MigratedWorkload } from '../../model.ts';

const filesOf = (changes: Partial<MigratedWorkload>) =>
  stepTexts(migrationModel({ workloads: [migratedWorkload('shop', 'web', changes)] }));

const UNDOS: Readonly<Record<string, readonly [string | undefined, RegExp]>> = {
  'no sidecar': [undefined, /podrole\.dev\/sidecar: null/],
  'the other mode': ['credentials', /podrole\.dev\/sidecar: credentials/],
  'a value that is not a mode': ['no', /podrole\.dev\/sidecar: "no"/],
};
for (const [name, [sidecarNow, expected]] of Object.entries(UNDOS)) {
  test(`the undo puts back what the pods had: ${name}`, () => {
    const files = filesOf({
      ...{ needs: 'sidecar', sidecarMode: 'metadata' },
      ...(sidecarNow === undefined ? {} : { sidecarNow }),
    });
    const path = (of: string) => `2-namespaces/shop/${of}/deployment-web.yaml`;
    assert.match(files.get(path('patches')) ?? '', /podrole\.dev\/sidecar: metadata/);
    assert.match(files.get(path('undo')) ?? '', expected);
  });
}

test('a ServiceAccount that was not found is not patched', () => {
  const patch = '2-namespaces/shop/patches/serviceaccount-web.yaml';
  assert.ok(filesOf({}).has(patch));
  const files = filesOf({ serviceAccountIsRead: false });
  assert.ok(!files.has(patch));
  const page = files.get('2-namespaces/shop/README.md') ?? '';
  const [wayA = '', wayB = ''] = page.split('## Way B');
  assert.match(wayA, /## Way A[\s\S]*kubectl rollout restart/);
  assert.match(wayB, /Not changed, because it .*was not (read|found)/);
  assert.doesNotMatch(wayB, /kubectl/);
});
