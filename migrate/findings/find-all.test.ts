import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  accounts,
  kube2iam,
  listedRole,
  migrationFacts,
  runningPod,
  workload,
} from '../../testing/migrate/facts.ts';
import { migratedRoleArn, PROXY_ROLE } from '../../testing/migrate/model.ts';
import { buildMigrationModel } from '../build-model.ts';
import type { MigrationFacts } from '../facts/migration-facts.ts';

const WEB = workload('shop/web', { role: 'shop-web' });
const WEB_ROLE = listedRole('shop-web', ['shop/web']);
const { account, providerArns } = migrationFacts().iam;
const iam = (...roles: readonly ReturnType<typeof listedRole>[]) => ({ account, providerArns, roles });
const namespaceWith = (annotations: Readonly<Record<string, string>>) =>
  new Map([['shop', { name: 'shop', annotations }]]);
const PERMITTED = 'iam.amazonaws.com/permitted';
const ALLOWED = 'iam.amazonaws.com/allowed-roles';

/** Expected findings as `weight object: part of the text`; that about the open metadata is left out. */
const FINDINGS: Readonly<Record<string, readonly [Partial<MigrationFacts>, readonly string[]]>> = {
  'a role that trusts the ServiceAccount': [{}, []],
  'a role that does not exist': [{ iam: iam() }, [`decide Role ${WEB_ROLE.arn}: does not exist, so`]],
  'a role with a path that the pod leaves out': [
    { iam: iam({ ...WEB_ROLE, arn: migratedRoleArn('team/shop-web'), path: '/team/' }) },
    [`decide Role ${WEB_ROLE.arn}: ${migratedRoleArn('team/shop-web')} does`],
  ],
  'a role of another account': [
    {
      workloads: [workload('shop/web', { role: 'arn:aws:iam::444455556666:role/x' })],
      proxies: [kube2iam({ isRestricted: false })],
    },
    [
      'decide Namespace shop: has no rule',
      'decide Role arn:aws:iam::444455556666:role/x: is in account 444455556666',
    ],
  ],
  'a role that trusts it under a condition': [
    {
      iam: iam({
        ...WEB_ROLE,
        trustPolicy: JSON.parse(
          JSON.stringify(WEB_ROLE.trustPolicy).replace(
            '"StringEquals"',
            '"IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"StringEquals"',
          ),
        ),
      }),
    },
    [`decide Role ${WEB_ROLE.arn}: lets in shop/web under conditions`],
  ],
  'a role that does not trust the proxy': [
    {
      settings: { ...migrationFacts().settings, proxyRoleArn: migratedRoleArn('other') },
    },
    [`note Role ${WEB_ROLE.arn}: does not trust the role of the proxy, ${migratedRoleArn('other')}`],
  ],
  'no OIDC provider': [
    { iam: { ...iam(WEB_ROLE), providerArns: [] } },
    ['decide Issuer https://oidc.example.com/one: has no OIDC provider'],
  ],
  'a name that nothing completes': [
    {
      proxies: [kube2iam({ baseRoleArn: undefined })],
      iam: { account: undefined, roles: undefined, providerArns: undefined },
    },
    ['breaks Deployment shop/web: nothing says which account'],
  ],
  'a value that is not a role': [
    { workloads: [workload('shop/web', { role: 'shop web' })] },
    ['breaks Deployment shop/web: is not the name or the ARN'],
  ],
  'a static pod': [
    {
      workloads: [
        workload(
          'shop/web',
          { role: 'shop-web' },
          {
            kind: 'Pod',
            pods: [runningPod('web', { serviceAccount: 'web', role: 'shop-web', isStatic: true })],
          },
        ),
      ],
    },
    ['breaks Deployment shop/web'.replace('Deployment', 'Pod').concat(': is a static pod')],
  ],
  'a label that keeps podrole away': [
    { workloads: [workload('shop/web', { role: 'shop-web', isSkipped: true })] },
    ['breaks Deployment shop/web: skip-pod-identity-webhook'],
  ],
  'the network of the node': [
    { workloads: [workload('shop/web', { role: 'shop-web', hostNetwork: true })] },
    ['decide Deployment shop/web: uses the network of its node'],
  ],
  'an annotation of pods alone': [
    {
      workloads: [
        workload(
          'shop/web',
          {},
          { pods: [runningPod('web-1', { role: 'shop-web', serviceAccount: 'web' })] },
        ),
      ],
    },
    ['decide Deployment shop/web: has no annotation iam.amazonaws.com/role in its pod template'],
  ],
  'pods with another role': [
    {
      workloads: [
        workload('shop/web', { role: 'shop-web' }, { pods: [runningPod('web-1', { role: 'shop-old' })] }),
      ],
    },
    ['decide Deployment shop/web: has pods whose annotation iam.amazonaws.com/role is another one'],
  ],
  'static keys': [
    { workloads: [workload('shop/web', { role: 'shop-web', ownVariables: ['AWS_ACCESS_KEY_ID'] })] },
    ['decide Deployment shop/web: sets AWS_ACCESS_KEY_ID itself'],
  ],
  'a ServiceAccount with another role': [
    { serviceAccounts: accounts(['shop/web', { role: migratedRoleArn('other') }]) },
    ['decide Deployment shop/web: which is annotated with'],
  ],
  'an external ID': [
    { workloads: [workload('shop/web', { role: 'shop-web', externalId: 'x' })] },
    ['decide Deployment shop/web: gives an external ID'],
  ],
  'an address of the metadata': [
    { workloads: [workload('shop/web', { role: 'shop-web', namesMetadata: true })] },
    ['decide Deployment shop/web: names the address of the instance metadata'],
  ],
  'a pod without a controller': [
    { workloads: [workload('shop/web', { role: 'shop-web' }, { kind: 'Pod' })] },
    ['decide Pod shop/web: is a pod without a controller'],
  ],
  'a Job that runs': [
    { workloads: [workload('shop/web', { role: 'shop-web' }, { kind: 'Job' })] },
    ['note Job shop/web: has 1 pod now'],
  ],
  'a controller of others': [
    { workloads: [workload('shop/web', { role: 'shop-web' }, { kind: 'Rollout', template: undefined })] },
    ['note Rollout shop/web: is of a kind that podrole does not read'],
  ],
  'a default role': [
    {
      proxies: [kube2iam({ defaultRole: 'nodes' })],
      workloads: [
        WEB,
        workload('shop/none'),
        workload('jobs/none'),
        workload('jobs/host', { hostNetwork: true }),
      ],
    },
    [
      'breaks Namespace jobs: has 1 workload without an annotation, which can get the role nodes',
      'breaks Namespace shop: has 1 workload without an annotation',
    ],
  ],
  'the default role of the node': [
    { proxies: [kube2iam({ defaultRole: 'discovered' })], workloads: [WEB, workload('shop/none')] },
    ['breaks Namespace shop: can get the role of its node'],
  ],
  'a rule under another key': [
    { proxies: [kube2iam({ namespaceKey: 'example.com/roles' })] },
    ['breaks DaemonSet kube-system/kube2iam: reads the rules of Namespaces from example.com/roles'],
  ],
  'long sessions': [
    { proxies: [kube2iam({ sessionSeconds: 7_200 })] },
    ['note DaemonSet kube-system/kube2iam: asks for sessions of 7200 seconds'],
  ],
  'init containers': [
    { workloads: [workload('shop/web', { role: 'shop-web', initContainers: ['wait'] })] },
    ['note DaemonSet kube-system/kube2iam: may know a pod later'],
  ],
  'a rule that refuses, as kube2iam does': [
    { namespaces: namespaceWith({ [ALLOWED]: '["other"]' }) },
    ['note Deployment shop/web: gets no role from podrole, and none from kube2iam'],
  ],
  'no rule, and a proxy that asks for none': [
    { namespaces: namespaceWith({}), proxies: [kube2iam({ isRestricted: false })] },
    ['decide Namespace shop: has no rule'],
  ],
  'a rule of kiam that refuses beside kube2iam without rules': [
    { namespaces: namespaceWith({ [PERMITTED]: 'other' }), proxies: [kube2iam({ isRestricted: false })] },
    ['breaks Deployment shop/web: gets no role from podrole'],
  ],
  'a rule of kiam that permits': [
    { from: 'kiam', namespaces: namespaceWith({ [PERMITTED]: 'shop-.*' }), proxies: [] },
    [],
  ],
  'kiam without a rule': [
    { from: 'kiam', namespaces: namespaceWith({}), proxies: [] },
    ['breaks Deployment shop/web: gets no role from podrole: Namespace "shop" has no rule'],
  ],
  'Namespaces that were not read': [{ namespaces: undefined }, []],
  'something of a tenant that looks like the proxy': [
    { proxies: [kube2iam({ namespace: 'a-tenant', baseRoleArn: undefined }), kube2iam()] },
    ['decide Namespaces a-tenant, kube-system: each run something that looks like the proxy'],
  ],
  'a shared ServiceAccount with rights': [
    {
      workloads: [
        WEB,
        workload('shop/api', { role: 'shop-web', serviceAccount: 'web' }),
        workload('shop/old', { serviceAccount: 'web' }),
      ],
      bindings: new Map([
        [
          'shop/web',
          [{ kind: 'RoleBinding', namespace: 'shop', name: 'read', roleKind: 'Role', roleName: 'read' }],
        ],
      ]),
      serviceAccounts: accounts(['shop/web', { imagePullSecrets: ['registry'] }]),
    },
    [
      'decide ServiceAccount shop/web: has the rights of RoleBinding read, and the imagePullSecrets registry',
      'decide ServiceAccount shop/web: is shared by pods with 1 role and by pods that name none',
    ],
  ],
};

for (const [name, [changes, expected]] of Object.entries(FINDINGS)) {
  test(`findings: ${name}`, () => {
    const facts = migrationFacts({ workloads: [WEB], iam: iam(WEB_ROLE), ...changes });
    const found = buildMigrationModel(facts)
      .findings.filter(({ text }) => !/^is (what keeps pods from the instance metadata|taken for)/.test(text))
      // The roles of other cases are not in this account.
      .filter(
        ({ text, object }) =>
          changes.iam !== undefined || !(object.startsWith('Role') && text.startsWith('does not exist')),
      );
    assert.equal(found.length, expected.length, JSON.stringify(found, null, 1));
    for (const [at, line] of expected.entries()) {
      const [, start = '', part = ''] = /^(\w+ \w+ (?:[^ ]+, )?[^ ]*[^ :]): (.*)$/s.exec(line) ?? [];
      const { weight, object, text, remedy } = found[at] ?? { weight: '', object: '', text: '', remedy: '' };
      assert.equal(`${weight} ${object}`, start);
      assert.ok(text.includes(part), `${text} does not include ${part}`);
      assert.notEqual(remedy, '');
    }
  });
}

test('the role of the proxy is a decision, unless somebody gave it', () => {
  const guesses = (changes: Partial<MigrationFacts>) =>
    buildMigrationModel(migrationFacts({ workloads: [WEB], iam: iam(WEB_ROLE), ...changes })).findings.filter(
      ({ text }) => text.startsWith('is taken for the role of the proxy'),
    );
  assert.deepEqual(
    guesses({}).map(({ weight, object }) => [weight, object]),
    [['decide', `Role ${PROXY_ROLE}`]],
  );
  const { settings } = migrationFacts();
  assert.deepEqual(guesses({ settings: { ...settings, proxyRoleArn: PROXY_ROLE } }), []);
  assert.deepEqual(guesses({ from: 'kiam', proxies: [kube2iam({ assumesFirst: PROXY_ROLE })] }), []);
});
