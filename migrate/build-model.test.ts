import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULE_MAX_LENGTH } from '../policy/rule-limits.ts';
import {
  kube2iam,
  listedRole,
  migrationFacts,
  podTemplate,
  runningPod,
  workload,
} from '../testing/migrate/facts.ts';
import { migratedRoleArn, PROXY_ROLE } from '../testing/migrate/model.ts';
import { buildMigrationModel } from './build-model.ts';

const WEB = workload('shop/web', { role: 'shop-web' });
const WEB_ROLE = listedRole('shop-web', ['shop/web']);
const { account, providerArns } = migrationFacts().iam;
const iam = (...roles: readonly ReturnType<typeof listedRole>[]) => ({ account, providerArns, roles });
const namespaceWith = (annotations: Readonly<Record<string, string>>) =>
  new Map([['shop', { name: 'shop', annotations }]]);
const ALLOWED = 'iam.amazonaws.com/allowed-roles';

test('what a plan says about a workload, its role and its namespace', () => {
  const facts = migrationFacts({
    workloads: [
      WEB,
      workload('shop/mail', { role: 'shop-mail', serviceAccount: 'web', sessionName: 'mail' }, { pods: [] }),
      workload(
        'shop/moved',
        { role: 'shop-web', serviceAccount: 'web' },
        {
          pods: [
            runningPod('a', { role: 'shop-web', injectedRoles: [WEB_ROLE.arn] }),
            runningPod('b', { role: 'shop-web' }),
          ],
        },
      ),
    ],
    iam: iam(
      WEB_ROLE,
      listedRole('shop-mail', [], [{ AWS: [PROXY_ROLE, 'arn:aws:iam::111122223333:role/ci'] }]),
    ),
  });
  const model = buildMigrationModel(facts);
  assert.equal(model.proxyRoleArn, PROXY_ROLE);
  assert.deepEqual(
    model.workloads.map(({ name, serviceAccount, newServiceAccount, servedBy, refused, sessionName }) => [
      name,
      serviceAccount,
      newServiceAccount,
      servedBy,
      refused,
      sessionName,
    ]),
    [
      ['web', 'web', undefined, 'old proxy', undefined, undefined],
      ['mail', 'web', 'web-shop-mail', 'no pods', undefined, 'mail'],
      ['moved', 'web', undefined, 'both', undefined, undefined],
    ],
  );
  assert.deepEqual(
    model.roles.map(({ trustPolicy, ...role }) => role),
    [
      {
        arn: migratedRoleArn('shop-mail'),
        exists: true,
        trustsProxy: true,
        currentServiceAccounts: ['shop/web'],
        serviceAccounts: ['shop/web-shop-mail'],
        untrusted: ['shop/web-shop-mail'],
      },
      {
        arn: WEB_ROLE.arn,
        exists: true,
        trustsProxy: true,
        currentServiceAccounts: ['shop/web'],
        serviceAccounts: ['shop/web'],
        untrusted: [],
      },
    ],
  );
  assert.deepEqual(model.namespaces, [
    { name: 'shop', allowedRoles: '["shop-*"]', permitted: undefined, proposedAllowedRoles: undefined },
  ]);
});

test('a role must trust the ServiceAccount that its pods share, once podrole gives them the role', () => {
  const mail = workload('shop/mail', { role: 'shop-mail', serviceAccount: 'default' });
  const arn = migratedRoleArn('shop-mail');
  const given = (injectedRoles: readonly string[]) => ({
    ...mail,
    pods: mail.pods.map((pod) => ({ ...pod, injectedRoles })),
  });
  const roleIn = (one: typeof mail) => {
    const other = workload('shop/front', { serviceAccount: 'default' });
    const roles = [listedRole('shop-mail', ['shop/default-shop-mail'])];
    const facts = migrationFacts({ workloads: [one, other], iam: iam(...roles) });
    return buildMigrationModel(facts).roles[0];
  };
  assert.deepEqual(roleIn(given([]))?.untrusted, []);
  assert.deepEqual(roleIn(given([arn]))?.untrusted, ['shop/default']);
});

test('without IAM and issuer, the plan says unknown, and not that something is missing', () => {
  const facts = migrationFacts({
    workloads: [WEB],
    issuer: undefined,
    proxies: undefined,
    iam: { account, roles: undefined, providerArns: undefined },
    unread: ['roles of IAM: no right'],
  });
  const { roles, findings, workloads, unread, proxyRoleArn } = buildMigrationModel(facts);
  const [role] = roles;
  assert.deepEqual(
    [role?.exists, role?.untrusted, role?.trustsProxy, proxyRoleArn, workloads[0]?.servedBy],
    [undefined, undefined, undefined, undefined, 'unknown'],
  );
  assert.deepEqual(findings, []);
  assert.deepEqual(unread, ['roles of IAM: no right']);
});

const PROPOSALS: Readonly<
  Record<string, readonly [string | undefined, 'glob' | 'regexp', readonly string[]]>
> = {
  'no annotation': [undefined, 'glob', [WEB_ROLE.arn]],
  'an annotation with other roles': ['["other","x*"]', 'glob', ['other', 'x*', WEB_ROLE.arn]],
  'one that is malformed': ['[', 'glob', [WEB_ROLE.arn]],
  expressions: ['["^x$"]', 'regexp', ['^x$', 'arn:aws:iam::111122223333:role/shop-web$']],
};

for (const [name, [annotation, allowedRolesFormat, expected]] of Object.entries(PROPOSALS)) {
  test(`a rule is proposed that allows what pods use: ${name}`, () => {
    const facts = migrationFacts({
      workloads: [WEB, workload('shop/api', { role: 'shop-web', serviceAccount: 'web' })],
      namespaces: namespaceWith(annotation === undefined ? {} : { [ALLOWED]: annotation }),
      proxies: [kube2iam({ isRestricted: false, allowedRolesFormat })],
      iam: iam(WEB_ROLE),
    });
    const [namespace] = buildMigrationModel(facts).namespaces;
    assert.deepEqual(namespace?.proposedAllowedRoles, expected);
    // With the rule of the plan, nothing is refused any more.
    const then = { ...facts, namespaces: namespaceWith({ [ALLOWED]: JSON.stringify(expected) }) };
    const model = buildMigrationModel(then);
    assert.deepEqual(
      model.workloads.map(({ refused }) => refused),
      [undefined, undefined],
    );
    assert.equal(model.namespaces[0]?.proposedAllowedRoles, undefined);
  });
}

test('a plan is the same for every order of the facts', () => {
  const workloads = [
    WEB,
    workload('shop/a', { role: 'shop-a', serviceAccount: 'default' }),
    workload('shop/b', { role: 'shop-b', serviceAccount: 'default' }),
    workload('batch/c', { role: 'arn:aws:iam::444455556666:role/shop-b', serviceAccount: 'default' }),
    workload('shop/d', { ...podTemplate(), serviceAccount: 'web' }),
  ];
  const roles = [WEB_ROLE, listedRole('shop-a'), listedRole('shop-b')];
  const planOf = (at: readonly number[]) => {
    const { workloads: planned, ...model } = buildMigrationModel(
      migrationFacts({ workloads: at.flatMap((each) => workloads[each] ?? []), iam: iam(...roles) }),
    );
    return { ...model, workloads: planned.map(({ name }) => name).sort() };
  };
  assert.deepEqual(planOf([4, 2, 0, 3, 1]), planOf([0, 1, 2, 3, 4]));
});

test('flags count only if everything that looks like the proxy agrees', () => {
  const evil = {
    namespace: 'a-tenant',
    baseRoleArn: 'arn:aws:iam::666666666666:role/',
    allowedRolesFormat: 'regexp' as const,
    assumesFirst: 'arn:aws:iam::666666666666:role/x',
  };
  const modelOf = (changes: Parameters<typeof kube2iam>[0]) =>
    buildMigrationModel(migrationFacts({ workloads: [WEB], proxies: [kube2iam(changes), kube2iam()] }));
  const { webhookFlags, workloads, proxyRoleArn } = modelOf({ ...evil, assumesFirst: undefined });
  assert.equal(webhookFlags.baseRoleArn, 'arn:aws:iam::111122223333:role/', 'that of the account');
  assert.equal(webhookFlags.namespaceRestrictionFormat, 'glob');
  assert.deepEqual([workloads[0]?.roleArn, proxyRoleArn], [WEB_ROLE.arn, undefined]);
  assert.equal(modelOf({ baseRoleArn: undefined }).webhookFlags.baseRoleArn, kube2iam().baseRoleArn);
});

test('pods that were not read are never taken for pods that are not there, or that have moved', () => {
  const idle = { ...WEB, pods: [] };
  const moved = { ...WEB, pods: [runningPod('web-1', { injectedRoles: [WEB_ROLE.arn] })] };
  const served = (each: typeof WEB, hasAllPods: boolean) =>
    buildMigrationModel(migrationFacts({ workloads: [each], hasAllPods })).workloads[0]?.servedBy;
  assert.deepEqual([served(idle, true), served(moved, true)], ['no pods', 'podrole']);
  assert.deepEqual([served(idle, false), served(moved, false)], ['unknown', 'unknown']);
});

test('an object that was not found is not changed, since its undo is unknown', () => {
  const { workloads, namespaces, unread } = buildMigrationModel(
    migrationFacts({
      workloads: [WEB],
      proxies: [kube2iam({ isRestricted: false })],
      namespaces: new Map([['other', { name: 'other', annotations: {} }]]),
    }),
  );
  assert.deepEqual(
    workloads.map(({ refused, serviceAccountIsRead }) => [refused, serviceAccountIsRead]),
    [[undefined, false]],
  );
  assert.equal(namespaces[0]?.proposedAllowedRoles, undefined);
  assert.deepEqual(unread, [
    'Namespaces shop: were not found; without them: which roles they allow',
    'role of the proxy: the trust policies do not name one role more often than others; give --proxy-role-arn; without it: which trust to remove at the end',
  ]);
});

test('a rule that is too long to be put back is not replaced', () => {
  const modelOf = (length: number) =>
    buildMigrationModel(
      migrationFacts({
        workloads: [WEB],
        proxies: [kube2iam({ isRestricted: false })],
        namespaces: namespaceWith({ [ALLOWED]: 'x'.repeat(length) }),
      }),
    ).namespaces[0]?.proposedAllowedRoles;
  assert.deepEqual(modelOf(RULE_MAX_LENGTH), [WEB_ROLE.arn]);
  assert.equal(modelOf(RULE_MAX_LENGTH + 1), undefined);
});
