import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../lib/settings/settings.ts';
import { policySettings } from '../policy/settings.ts';
import { NO_CONFIG_MAP_IDENTITIES } from './config-map.ts';
import { NO_CONTAINER_CREDENTIALS } from './container-credentials-config.ts';
import { needsNamespace } from './needs-namespace.ts';
import { identitySettings } from './settings/identity-settings.ts';

const ENTRY = { roleArn: 'arn:aws:iam::1:role/a', audience: 'a', regionalSts: false, expirationSeconds: 600 };
const ROLE = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/web' };
const NAMED = { 'iam.amazonaws.com/role': 'web' };
const NAMES = { podRoleAnnotation: 'iam.amazonaws.com/role' };
const ENFORCE = { policy: 'enforce' };

interface Given {
  readonly flags: Readonly<Record<string, string>>;
  readonly pod?: unknown;
  readonly own?: Readonly<Record<string, string>>;
  readonly isInConfigMap?: boolean;
  readonly isInFile?: boolean;
}

for (const [what, given, expected] of [
  ['a pod that names a role', { flags: NAMES, pod: NAMED }, true],
  ['a pod that names a malformed one', { flags: NAMES, pod: { 'iam.amazonaws.com/role': 7 } }, true],
  ['a pod that names a role, where it cannot', { flags: ENFORCE, pod: NAMED }, false],
  ['a pod without a role', { flags: { ...NAMES, ...ENFORCE }, pod: {} }, false],
  ['a pod without annotations', { flags: NAMES, pod: null }, false],
  ['a role of the ServiceAccount', { flags: NAMES, own: ROLE }, true],
  ['a role of the ServiceAccount, with a policy', { flags: ENFORCE, own: ROLE }, true],
  [
    'a role of the ServiceAccount, with a policy file',
    { flags: { rolePolicyFile: 'p.yaml' }, own: ROLE },
    true,
  ],
  ['a role of the ServiceAccount, without rules', { flags: {}, own: ROLE }, false],
  ['a role of a container', { flags: ENFORCE, own: { 'podrole.dev/container-roles': 'a=b' } }, true],
  ['an empty role', { flags: ENFORCE, own: { 'eks.amazonaws.com/role-arn': '' } }, false],
  ['a role of the ConfigMap', { flags: ENFORCE, isInConfigMap: true }, true],
  ['EKS Pod Identity', { flags: { ...NAMES, ...ENFORCE }, own: ROLE, pod: NAMED, isInFile: true }, false],
  ['a mirror pod', { flags: NAMES, pod: { ...NAMED, 'kubernetes.io/config.mirror': 'x' } }, false],
] as const satisfies readonly (readonly [string, Given, boolean])[]) {
  test(`${what}: the Namespace is ${expected ? '' : 'not '}needed`, () => {
    const { flags, pod, own = {}, isInConfigMap, isInFile }: Given = given;
    const need = {
      namespace: 'shop',
      serviceAccountName: 'web',
      serviceAccount: { namespace: 'shop', name: 'web', annotations: own },
      podAnnotations: pod,
      containerCredentials: isInFile ? { has: () => true } : NO_CONTAINER_CREDENTIALS,
      configMap: isInConfigMap ? { find: () => ENTRY } : NO_CONFIG_MAP_IDENTITIES,
      settings: readSettings({ ...identitySettings, ...policySettings }, flags, {}),
    };
    assert.equal(needsNamespace(need), expected);
  });
}
