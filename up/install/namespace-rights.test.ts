import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readObjects } from '../../testing/manifest-files.ts';
import { installManifest } from './manifest.ts';
import { namespaceRights } from './namespace-rights.ts';

const manifest = installManifest();

test('the right to read Namespaces is that of the component of kustomize', () => {
  const rights = namespaceRights(manifest, { PODROLE_POD_ROLE_ANNOTATION: 'iam.amazonaws.com/role' });
  assert.deepEqual(rights, readObjects('components/role-rules/rbac.yaml'));
});

test('it is granted only to a webhook that judges roles', () => {
  const cases: [settings: Record<string, string>, objects: number][] = [
    [{}, 0],
    [{ PODROLE_POLICY: 'warn' }, 0],
    [{ PODROLE_POLICY: '', PODROLE_ROLE_POLICY_FILE: '', PODROLE_POD_ROLE_ANNOTATION: '' }, 0],
    [{ PODROLE_BASE_ROLE_ARN: 'arn:aws:iam::111122223333:role/' }, 0],
    [{ PODROLE_POLICY: 'enforce' }, 2],
    [{ PODROLE_POLICY: 'audit' }, 2],
    [{ PODROLE_ROLE_POLICY_FILE: '/etc/policy.yaml' }, 2],
    [{ PODROLE_POD_ROLE_ANNOTATION: 'iam.amazonaws.com/role' }, 2],
  ];
  for (const [settings, objects] of cases) {
    assert.equal(namespaceRights(manifest, settings).length, objects, JSON.stringify(settings));
  }
});
