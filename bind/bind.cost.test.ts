import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIST_CONTEXT } from '../testing/bind/list-context.ts';
import { assertLinear, isOwnSource } from '../testing/cost/step-count.ts';
import { readBindings } from './ask/bindings-file/read-bindings.ts';
import { type BindingContext, resolveBinding } from './desired/resolve-binding.ts';
import type { Facts } from './facts/collect-facts.ts';
import type { RoleFacts } from './iam/iam-facts.ts';
import { joinServiceAccounts } from './list/join-bindings.ts';
import { joinRoles, unnamedRoles } from './list/join-roles.ts';
import { planBindings } from './plan/plan.ts';
import { mergeTrustPolicy } from './trust/merge-trust-policy.ts';
import { trustPolicyOf } from './trust/trust-statement.ts';

const ISSUER = 'https://oidc.example.com/one';
const CONTEXT: BindingContext = {
  accountId: '111122223333',
  partition: 'aws',
  issuer: ISSUER,
  alsoIssuers: [],
  clusterName: undefined,
  audience: 'sts.amazonaws.com',
  annotationPrefix: 'eks.amazonaws.com',
  ownershipTags: true,
};
const OPTIONS = {
  annotationPrefix: 'eks.amazonaws.com',
  dropIssuers: [],
  prune: false,
  trustPolicyLimit: 1_000_000,
  updateTrust: true,
  overrideExistingServiceAccounts: false,
  namedRoles: new Set<string>(),
};
const SHARED: RoleFacts = {
  name: 'shared',
  arn: 'arn:aws:iam::111122223333:role/shared',
  path: '/',
  trustPolicy: undefined,
  description: '',
  maxSessionDurationSeconds: 3_600,
  permissionsBoundary: undefined,
  tags: {},
  attachedPolicyArns: [],
  inlinePolicies: [],
};
/** The work of the YAML library counts too. */
const counts = (url: string) => isOwnSource(url) || url.includes('/node_modules/yaml/');

const bindingsFile = (size: number, more: string) =>
  `apiVersion: podrole.dev/v1alpha1\nkind: Bindings\nbindings:\n${Array.from(
    { length: size },
    (_, at) => `  - { namespace: n${at % 7}, serviceAccount: a${at}${more} }\n`,
  ).join('')}`;
const bindingsOf = (size: number, more: string) =>
  readBindings(bindingsFile(size, more), 'bindings.yaml', () => undefined).bindings;

const ONE_ROLE = ', attachRoleArn: "arn:aws:iam::111122223333:role/shared"';
for (const [name, more] of [
  ['each with a role of its own', ''],
  ['all with one role', ONE_ROLE],
  ['each with a mistake', ', rolename: x'],
] as const) {
  test(`the steps of reading a bindings file grow with it: ${name}`, async () => {
    await assertLinear(
      (size) => {
        const text = bindingsFile(size, more);
        return () => {
          try {
            readBindings(text, 'bindings.yaml', () => undefined);
          } catch {
            // Only its cost matters here.
          }
        };
      },
      { size: 40, counts },
    );
  });
}

for (const [name, field, member] of [
  ['tags that are not strings', 'tags: ', (at) => `k${at}: 1`],
  ['conditions', 'conditions: { StringEquals: ', (at) => `"aws:k${at}": v`],
  ['conditions that are not strings', 'conditions: { StringEquals: ', (at) => `"aws:k${at}": {}`],
] as const satisfies readonly (readonly [string, string, (at: number) => string])[]) {
  test(`the steps of reading one binding grow with its members: ${name}`, async () => {
    await assertLinear(
      (size) => {
        const members = Array.from({ length: size }, (_, at) => member(at)).join(', ');
        const end = field.includes('{') ? ' }' : '';
        const text = bindingsFile(1, `, ${field}{ ${members} }${end}`);
        return () => {
          try {
            readBindings(text, 'bindings.yaml', () => undefined);
          } catch {
            // Only its cost matters here.
          }
        };
      },
      { size: 100, counts },
    );
  });
}

test('the steps of a trust statement grow with its conditions', async () => {
  await assertLinear(
    (size) => {
      const conditions = Array.from({ length: size }, (_, at) => ({
        operator: 'StringEquals',
        key: `aws:PrincipalTag/${at}`,
        values: ['v'],
      }));
      return () => assert.ok(trustPolicyOf([{ ...entryOf(0), conditions }]));
    },
    { size: 100 },
  );
});

const eksctlFile = (roleName: string) =>
  `apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\niam:\n  serviceAccounts:\n  - metadata: {name: a}\n    roleName: ${roleName}\n`;
for (const [name, roleName] of [
  ['Join', (size) => `!Join ["", [${'!Ref "AWS::AccountId", '.repeat(size)}]]`],
  ['variables of Sub', (size) => `!Sub "${'\u0024{a}'.repeat(size)}"`],
  ['variables that nothing ends', (size) => `!Sub "${'\u0024{'.repeat(size)}"`],
  ['unknown tags', (size) => `[${'!env a, '.repeat(size)}]`],
] as const satisfies readonly (readonly [string, (size: number) => string])[]) {
  test(`the steps of resolving calls in an eksctl file grow with it: ${name}`, async () => {
    await assertLinear(
      (size) => {
        const text = eksctlFile(roleName(size));
        return () => {
          try {
            readBindings(text, 'eksctl.yaml', () => undefined);
          } catch {
            // Only its cost matters here.
          }
        };
      },
      { size: 40, counts },
    );
  });
}

for (const [name, more] of [
  ['each with a role of its own', ''],
  ['all with one role', ONE_ROLE],
] as const) {
  test(`the steps of a plan grow with the bindings: ${name}`, async () => {
    await assertLinear(
      (size) => {
        const bindings = bindingsOf(size, more).map((binding) => resolveBinding(binding, CONTEXT));
        const role = more === '' ? undefined : SHARED;
        const serviceAccount = { hasNamespace: false, object: undefined };
        const facts: Facts = {
          providers: [],
          bindings: bindings.map(() => ({ role, serviceAccount })),
          policies: [],
        };
        return () => assert.ok(planBindings(bindings, facts, OPTIONS).steps.length >= size);
      },
      { size: 50 },
    );
  });
}

const entryOf = (at: number) => ({
  providerArn: `arn:aws:iam::111122223333:oidc-provider/oidc.example.com/one`,
  issuer: ISSUER,
  subject: `system:serviceaccount:shop:a${at}`,
  isPattern: false,
  audience: 'sts.amazonaws.com',
});
const trustEntries = (size: number) => Array.from({ length: size }, (_, at) => entryOf(at));

test('the steps of merging a entry grow with the statements of the trust policy', async () => {
  await assertLinear(
    (size) => {
      const policy = trustPolicyOf(trustEntries(size));
      return () => mergeTrustPolicy(policy, { trustEntries: [entryOf(size)], dropIssuers: [], prune: true });
    },
    { size: 30 },
  );
});

test('the steps of the list grow with ServiceAccounts and roles', async () => {
  await assertLinear(
    (size) => {
      const arnOf = (at: number) => `arn:aws:iam::111122223333:role/r${at}`;
      const roles = trustEntries(size).map((entry, at) => ({
        name: `r${at}`,
        arn: arnOf(at),
        path: '/',
        trustPolicy: trustPolicyOf([entry]),
        tags: {},
      }));
      const accounts = trustEntries(size).map((_, at) => ({
        namespace: 'shop',
        name: `a${at}`,
        annotations: { 'eks.amazonaws.com/role-arn': arnOf(2 * at) },
      }));
      const context = { ...LIST_CONTEXT, issuer: ISSUER };
      return () => [
        joinServiceAccounts(accounts, roles, context),
        unnamedRoles(roles, accounts, context),
        joinRoles(roles, accounts, context),
      ];
    },
    { size: 40 },
  );
});
