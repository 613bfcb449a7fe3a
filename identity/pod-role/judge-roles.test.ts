import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeRole } from '../../policy/judge-role.ts';
import { toNamespaceFacts } from '../../policy/namespace-facts.ts';
import type { RoleUse } from '../../policy/role-use.ts';
import { type DecisionCase, decideInNamespace } from '../../testing/identity/decide-in-namespace.ts';
import type { IdentityDecision } from '../decide-identity.ts';

const ROLE = 'iam.amazonaws.com/role';
const PERMITTED = 'iam.amazonaws.com/permitted';
const ALLOWED = 'iam.amazonaws.com/allowed-roles';
const OWN_RULE = 'podrole.dev/allowed-roles';
const BASE = 'arn:aws:iam::111122223333:role/';
const OWN = { 'eks.amazonaws.com/role-arn': `${BASE}own` };

function rolesOf({ identity }: IdentityDecision): readonly string[] {
  if (identity?.kind !== 'web-identity') return [];
  return [...(identity.role ? [identity.role] : []), ...identity.containerRoles].map(
    ({ roleArn }) => roleArn,
  );
}

const policy = {
  origin: 'policy.yaml',
  unlisted: 'deny',
  rules: [{ namespaces: ['shop'], serviceAccounts: ['*'], roles: [`${BASE}web`] }],
} as const;

/** Fate of a refused role, by what names it and by mode. */
const GIVEN = {
  pod: { audit: 'withheld', warn: 'withheld', enforce: 'denied' },
  'service-account': { audit: 'given', warn: 'given with a warning', enforce: 'denied' },
  'config-map': { audit: 'given', warn: 'given with a warning', enforce: 'denied' },
} as const;

function outcomeOf(decision: IdentityDecision): string {
  if (decision.denial !== undefined) return rolesOf(decision).length > 0 ? 'denied and given' : 'denied';
  if (rolesOf(decision).length === 0) return decision.warnings.length > 0 ? 'withheld' : 'withheld silently';
  return decision.warnings.length > 0 ? 'given with a warning' : 'given';
}

for (const [what, namedBy, rule, given] of [
  ['no Namespace', 'pod', 'no-rule', { pod: { [ROLE]: 'web' }, namespace: null }],
  ['no rule', 'pod', 'no-rule', { pod: { [ROLE]: 'web' }, namespace: {} }],
  ['permitted', 'pod', 'permitted', { pod: { [ROLE]: 'web' }, namespace: { [PERMITTED]: 'we' } }],
  ['a malformed permitted', 'pod', 'permitted', { pod: { [ROLE]: 'web' }, namespace: { [PERMITTED]: '(' } }],
  ['allowed-roles', 'pod', 'allowed-roles', { pod: { [ROLE]: 'web' }, namespace: { [ALLOWED]: '["w"]' } }],
  [
    'both, one of which allows it',
    'pod',
    'allowed-roles',
    { pod: { [ROLE]: 'web' }, namespace: { [PERMITTED]: '.*', [ALLOWED]: '[]' } },
  ],
  [
    'podrole.dev/allowed-roles',
    'pod',
    'namespace-policy',
    { pod: { [ROLE]: 'web' }, namespace: { [OWN_RULE]: `${BASE}x` } },
  ],
  [
    'the policy file',
    'pod',
    'policy-file',
    { pod: { [ROLE]: 'admin' }, namespace: { [PERMITTED]: '.*' }, policy },
  ],
  [
    'podrole.dev/allowed-roles',
    'service-account',
    'namespace-policy',
    { serviceAccount: OWN, namespace: { [OWN_RULE]: `${BASE}x` } },
  ],
  ['the policy file', 'service-account', 'policy-file', { serviceAccount: OWN, namespace: {}, policy }],
  ['the policy file', 'config-map', 'policy-file', { configMap: `${BASE}map`, namespace: {}, policy }],
  [
    'podrole.dev/allowed-roles',
    'config-map',
    'namespace-policy',
    { configMap: `${BASE}map`, namespace: { [OWN_RULE]: '' } },
  ],
  [
    'a role of a container',
    'service-account',
    'policy-file',
    {
      serviceAccount: { 'podrole.dev/container-roles': `a=${BASE}web,b=${BASE}admin` },
      namespace: {},
      policy,
    },
  ],
] as const satisfies readonly (readonly [string, RoleUse['namedBy'], string, DecisionCase])[]) {
  for (const mode of ['audit', 'warn', 'enforce'] as const) {
    test(`${namedBy}: refused by ${what}, ${mode}`, () => {
      const decision = decideInNamespace({ ...given, flags: { policy: mode } });
      assert.equal(outcomeOf(decision), GIVEN[namedBy][mode]);
      assert.deepEqual(
        decision.refusals.map((refusal) => [refusal.rule, refusal.use.namedBy]),
        [[rule, namedBy]],
      );
      for (const line of [...decision.warnings, decision.denial ?? 'none']) assert.match(line, /^[ -~]+$/);
    });
  }
}

for (const [what, given] of [
  ['no rule, and the ServiceAccount has a role', { serviceAccount: OWN, namespace: {} }],
  ['no Namespace, and the ServiceAccount has a role', { serviceAccount: OWN, namespace: null }],
  [
    'the rules of kube2iam and kiam, which are about pods',
    { serviceAccount: OWN, namespace: { [PERMITTED]: '', [ALLOWED]: '[]' } },
  ],
  ['permitted', { pod: { [ROLE]: 'web' }, namespace: { [PERMITTED]: 'w.*' } }],
  ['permitted, the whole ARN', { pod: { [ROLE]: 'web' }, namespace: { [PERMITTED]: 'arn:.*:role/web' } }],
  ['allowed-roles, a name', { pod: { [ROLE]: 'web' }, namespace: { [ALLOWED]: '["w*"]' } }],
  [
    'allowed-roles, an expression',
    {
      pod: { [ROLE]: 'web' },
      namespace: { [ALLOWED]: '["w.b$"]' },
      flags: { namespaceRestrictionFormat: 'regexp' },
    },
  ],
  [
    'allowed-roles, completed by the account',
    {
      pod: { [ROLE]: 'web' },
      namespace: { [ALLOWED]: '["w*"]' },
      flags: { baseRoleArn: '', composeRoleArn: 'true', accountId: '111122223333', partition: 'aws' },
    },
  ],
  ['the policy file', { pod: { [ROLE]: 'web' }, namespace: {}, policy }],
  [
    'EKS Pod Identity, whose role nobody knows',
    { serviceAccount: OWN, containerCredentials: true, namespace: {}, policy },
  ],
] as const satisfies readonly (readonly [string, DecisionCase])[]) {
  test(`allowed by ${what}`, () => {
    const flags = { policy: 'enforce', ...('flags' in given ? given.flags : {}) };
    const decision = decideInNamespace({ ...given, flags });
    assert.ok(decision.identity);
    assert.deepEqual([decision.refusals, decision.denial, decision.warnings], [[], undefined, []]);
  });
}

test('a refusal is told in words: what names the role, which rule refuses it, and what to do', () => {
  const namespace = { [PERMITTED]: 'shop-.*' };
  const given = { pod: { [ROLE]: 'admin' }, serviceAccount: OWN, namespace };
  assert.deepEqual(decideInNamespace(given).warnings, [
    'this Pod: annotation iam.amazonaws.com/role gives no role: Annotation iam.amazonaws.com/permitted of ' +
      'Namespace shop is "shop-.*", which does not match the whole role "admin" or its ARN; use a role that ' +
      'it matches, or extend the expression',
  ]);
  assert.equal(
    decideInNamespace({ ...given, flags: { policy: 'enforce' } }).denial,
    'podrole: this Pod: annotation iam.amazonaws.com/role names a role that is refused (permitted): Annotation ' +
      'iam.amazonaws.com/permitted of Namespace shop is "shop-.*", which does not match the whole role ' +
      '"admin" or its ARN; use a role that it matches, or extend the expression',
  );
});

test('each refused role of a container is warned of, and the pod is denied with the first', () => {
  const serviceAccount = { 'podrole.dev/container-roles': `a=${BASE}x,b=${BASE}web,c=${BASE}y` };
  const given = { serviceAccount, namespace: {}, policy };
  const { identity, warnings } = decideInNamespace(given);
  assert.equal(identity?.kind === 'web-identity' && identity.containerRoles.length, 3);
  assert.deepEqual(
    warnings.map((line) => line.slice(0, 28)),
    ['ServiceAccount shop/web: "a"', 'ServiceAccount shop/web: "c"'],
  );
  const { denial } = decideInNamespace({ ...given, flags: { policy: 'enforce' } });
  assert.match(denial ?? '', /^podrole: ServiceAccount shop\/web: "a" in .*; 1 more role is refused$/);
});

test('a pod whose own role is refused loses the roles of its containers too', () => {
  const serviceAccount = { ...OWN, 'podrole.dev/container-roles': `app=${BASE}web` };
  const decision = decideInNamespace({ pod: { [ROLE]: 'admin' }, serviceAccount, namespace: {}, policy });
  assert.deepEqual(rolesOf(decision), []);
});

test('what a tenant writes cannot make a line of a message longer, or forge one', () => {
  const hostile = `\u001b[31m\n${'x'.repeat(20_000)}`;
  for (const namespace of [
    { [PERMITTED]: hostile },
    { [ALLOWED]: JSON.stringify([hostile]) },
    { [ALLOWED]: hostile },
  ]) {
    for (const policyMode of ['warn', 'enforce']) {
      const { warnings, denial } = decideInNamespace({
        pod: { [ROLE]: `${BASE}${'y'.repeat(64)}` },
        namespace,
        flags: { policy: policyMode },
      });
      for (const line of warnings) assert.match(line, /^[ -~]{1,255}$/);
      if (policyMode === 'enforce') assert.match(denial ?? '', /^[^\p{Cc}]{1,900}$/u);
    }
  }
});

const names = [
  'web',
  '/web',
  'team/web',
  'admin',
  `${BASE}web`,
  'arn:aws:iam::444455556666:role/web',
  '',
  'a b',
];
const patterns = fc.constantFrom(
  '.*',
  'web',
  'w*',
  `${BASE}*`,
  `${BASE}web`,
  '["w*"]',
  '["*"]',
  '[]',
  '(',
  '',
);
const cases = fc.record({
  pod: fc.record({ [ROLE]: fc.constantFrom(...names), other: fc.constant('x') }, { requiredKeys: [] }),
  serviceAccount: fc.record(
    {
      'eks.amazonaws.com/role-arn': fc.constantFrom(`${BASE}own`, `${BASE}web`, 'x'),
      'podrole.dev/container-roles': fc.constantFrom(`app=${BASE}app`, `app=${BASE}web,b=${BASE}own`, 'a b'),
    },
    { requiredKeys: [] },
  ),
  namespace: fc.option(
    fc.record({ [PERMITTED]: patterns, [ALLOWED]: patterns, [OWN_RULE]: patterns }, { requiredKeys: [] }),
  ),
  mode: fc.constantFrom('audit', 'warn', 'enforce'),
  format: fc.constantFrom('glob' as const, 'regexp' as const),
  hasPolicy: fc.boolean(),
});

test('no pod gets a role that it names and that a rule refuses; with enforce, none that any rule refuses', () => {
  let given = 0;
  fc.assert(
    fc.property(cases, ({ pod, serviceAccount, namespace, mode, format, hasPolicy }) => {
      const decision = decideInNamespace({
        pod,
        serviceAccount,
        namespace,
        ...(hasPolicy ? { policy } : {}),
        flags: { policy: mode, namespaceRestrictionFormat: format },
      });
      const isNamed = Boolean(pod[ROLE]);
      const { identity } = decision;
      if (identity?.kind !== 'web-identity') return;
      const rules = {
        namespace: namespace
          ? toNamespaceFacts({ metadata: { name: 'shop', annotations: namespace } })
          : undefined,
        policy: hasPolicy ? policy : undefined,
        allowedRolesFormat: format,
        baseRoleArn: BASE,
      };
      const use = { namespace: 'shop', serviceAccount: 'web' };
      if (isNamed && identity.role) {
        const { roleArn } = identity.role;
        const named = { ...use, roleArn, given: String(pod[ROLE]), namedBy: 'pod' } as const;
        assert.equal(judgeRole(named, rules), undefined);
        given += 1;
      }
      for (const roleArn of mode === 'enforce' ? rolesOf(decision) : []) {
        const byAccount = { ...use, roleArn, given: roleArn, namedBy: 'service-account' } as const;
        assert.equal(judgeRole(byAccount, rules), undefined);
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(given > 30, `${given} pods got the role that they name`);
});

test('a pod without annotations of podrole, kube2iam or kiam is decided as without the option', () => {
  fc.assert(
    fc.property(cases, ({ serviceAccount, namespace }) => {
      const off = { podRoleAnnotation: '', baseRoleArn: '' };
      const open = { serviceAccount, pod: { other: 'x', [ROLE]: '' } };
      const withOption = decideInNamespace({ ...open, namespace: { ...namespace, [OWN_RULE]: '*' } });
      assert.deepEqual(withOption, decideInNamespace({ ...open, flags: off, namespace: {} }));
    }),
    { numRuns: 300 },
  );
});
