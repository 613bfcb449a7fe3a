import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  auditFacts,
  auditPod,
  auditRole,
  auditRoleArn,
  auditServiceAccount,
  trusts,
} from '../../../testing/doctor/audit-facts.ts';
import type { RoleRulesFacts } from '../../facts/rule-facts.ts';
import { buildModel } from '../build-model.ts';

const KEY = 'iam.amazonaws.com/role';
const PERMITTED = 'iam.amazonaws.com/permitted';
const ALLOWED = 'iam.amazonaws.com/allowed-roles';
const OWN = 'podrole.dev/allowed-roles';
const BASE = auditRoleArn('');
const WEB = auditRoleArn('web');
const RULES: RoleRulesFacts = {
  mode: 'warn',
  allowedRolesFormat: 'glob',
  podRoleAnnotation: KEY,
  baseRoleArn: BASE,
};
const REGEXP: RoleRulesFacts = { ...RULES, allowedRolesFormat: 'regexp' };
const KUBE2IAM = { kind: 'kube2iam', namespace: 'kube-system', name: 'kube2iam' } as const;

type Facts = NonNullable<Parameters<typeof auditFacts>[0]>;

/** A pod of shop/web that names the role `web`, and has a token for it or not. */
function world(
  annotations: Readonly<Record<string, string>>,
  roleRules?: RoleRulesFacts,
  isServed = true,
): Facts {
  const roles = isServed ? [{ container: 'app', roleArn: WEB, audience: 'sts.amazonaws.com' }] : [];
  return {
    cluster: {
      serviceAccounts: [auditServiceAccount('shop/web')],
      pods: [auditPod('web-1', 'shop/web', { kube2iamRole: 'web', roles })],
      namespaceRules: new Map([['shop', { name: 'shop', annotations }]]),
    },
    iam: { roles: [auditRole('web', trusts('shop/web'))] },
    settings: roleRules ? { roleRules } : {},
  };
}

/** The ServiceAccount itself names the role. */
function annotated(annotations: Readonly<Record<string, string>>, roleRules: RoleRulesFacts): Facts {
  const given = world(annotations, roleRules);
  return {
    ...given,
    cluster: { ...given.cluster, pods: [], serviceAccounts: [auditServiceAccount('shop/web', WEB)] },
  };
}

function withProxy(given: Facts): Facts {
  return { ...given, cluster: { ...given.cluster, agents: [KUBE2IAM] } };
}

const { namespaceRules: _, ...unlistedCluster } = world({}, RULES).cluster ?? {};
const unlisted: Facts = { ...world({}, RULES), cluster: unlistedCluster };
const FILE: RoleRulesFacts = { ...RULES, policy: { origin: 'policy.yaml', unlisted: 'deny', rules: [] } };

/** Each case: what there is, and `kind verdict policy` of each grant. */
const GRANTS: readonly (readonly [what: string, facts: Facts, grants: readonly string[]])[] = [
  ['served by podrole, without options', world({}), ['pod-annotation allowed none']],
  ['served by podrole, allowed', world({ [OWN]: WEB }, RULES), ['pod-annotation allowed allowed']],
  ['permitted by its name', world({ [PERMITTED]: 'web' }, RULES), ['pod-annotation allowed allowed']],
  ['not permitted', world({ [PERMITTED]: 'api' }, RULES), ['pod-annotation allowed refused']],
  ['without a rule', world({}, RULES), ['pod-annotation allowed refused']],
  [
    'by the old proxy, allowed',
    withProxy(world({ [ALLOWED]: '["w*"]' }, RULES, false)),
    ['trusted-only allowed none', 'kube2iam restricted allowed'],
  ],
  [
    'by the old proxy, refused',
    withProxy(world({ [ALLOWED]: '[]' }, RULES, false)),
    ['trusted-only allowed none', 'kube2iam restricted refused'],
  ],
  [
    'by nobody',
    world({ [OWN]: '*' }, RULES, false),
    ['trusted-only allowed none', 'kube2iam refused allowed'],
  ],
  ['a ServiceAccount without a rule', annotated({}, RULES), ['web-identity allowed none']],
  ['a ServiceAccount, allowed', annotated({ [OWN]: WEB }, RULES), ['web-identity allowed allowed']],
  ['a ServiceAccount, refused', annotated({ [OWN]: BASE }, RULES), ['web-identity allowed refused']],
  ['a ServiceAccount, refused by the file', annotated({}, FILE), ['web-identity allowed refused']],
  ['of namespaces that could not be listed', unlisted, ['pod-annotation allowed none']],
  [
    'a trust policy of another ServiceAccount',
    { ...world({ [OWN]: '*' }, RULES), iam: { roles: [auditRole('web', trusts('shop/api'))] } },
    ['pod-annotation refused allowed'],
  ],
];
for (const [what, facts, expected] of GRANTS) {
  test(`a grant ${what}: ${expected.join(', ')}`, () => {
    const { grants } = buildModel(auditFacts(facts), () => []);
    assert.deepEqual(
      grants.map(({ kind, verdict, policy }) => `${kind} ${verdict} ${policy}`),
      expected,
    );
  });
}

const node = { count: 1, onEc2: 1, roleArns: [auditRoleArn('nodes')] };
const byAws = (AWS: string, Action = 'sts:AssumeRole') =>
  auditRole('web', {}, { trustPolicy: { Statement: [{ Effect: 'Allow', Principal: { AWS }, Action }] } });
function proxied(role: ReturnType<typeof auditRole>): Facts {
  return { cluster: { agents: [KUBE2IAM], nodes: node }, iam: { roles: [role] } };
}
const wildcard = auditRole('web', trusts('*/*', 'StringLike'));
const rights = {
  roles: [
    {
      namespace: undefined,
      name: 'tenant',
      rules: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['patch'], resourceNames: [] }],
    },
  ],
  bindings: [
    {
      namespace: 'shop',
      name: 'tenants',
      role: { kind: 'ClusterRole', name: 'tenant' },
      subjects: [{ kind: 'Group', name: 'team', namespace: undefined }],
    },
  ],
} as const;
function withRights(given: Facts): Facts {
  return { ...given, cluster: { ...given.cluster, rbac: rights } };
}

const NEW_CODES = /^(?:ROLE_AGAINST|WILDCARD_TRUST|NAMESPACE_RULE|CAN_CHANGE_NAMESPACE|OLD_PROXY)/;
/** Each case: what there is, and the codes of the findings about rules. */
const FINDINGS: readonly (readonly [what: string, facts: Facts, codes: readonly string[]])[] = [
  ['an allowed role', world({ [OWN]: WEB }, RULES), []],
  ['a refused role', world({ [PERMITTED]: 'api' }, RULES), ['ROLE_AGAINST_POLICY']],
  ['a refused role that STS refuses too', { ...world({}, RULES), iam: { roles: [] } }, []],
  ['.* in permitted', world({ [PERMITTED]: '.*' }, RULES), ['NAMESPACE_RULE_ALLOWS_ALL']],
  ['an equal expression', world({ [PERMITTED]: '[^ ]+|x{0,3}' }, RULES), ['NAMESPACE_RULE_ALLOWS_ALL']],
  ['* in allowed-roles', world({ [ALLOWED]: '["*"]' }, RULES), ['NAMESPACE_RULE_ALLOWS_ALL']],
  ['arn:* in allowed-roles', world({ [ALLOWED]: '["x", "arn:*"]' }, RULES), ['NAMESPACE_RULE_ALLOWS_ALL']],
  ['an empty expression', world({ [ALLOWED]: '[""]' }, REGEXP), ['NAMESPACE_RULE_ALLOWS_ALL']],
  ['* in podrole.dev/allowed-roles', world({ [OWN]: '*' }, RULES), ['NAMESPACE_RULE_ALLOWS_ALL']],
  ['a prefix', world({ [OWN]: `${BASE}w*` }, RULES), []],
  ['* that nobody reads', world({ [OWN]: '*' }), ['NAMESPACE_RULE_NOT_JUDGED']],
  [
    'a rule, and a webhook that only warns',
    world({ [OWN]: WEB }, { mode: 'warn', allowedRolesFormat: 'glob' }),
    ['NAMESPACE_RULE_NOT_JUDGED'],
  ],
  ['a rule, and enforce', world({ [OWN]: WEB }, { mode: 'enforce', allowedRolesFormat: 'glob' }), []],
  ['a rule of kiam that nobody reads', world({ [PERMITTED]: WEB }), []],
  [
    'a wildcard, the old proxy, and a rule that nobody reads',
    withProxy({ ...world({ [OWN]: WEB }, undefined, false), iam: { roles: [wildcard] } }),
    ['NAMESPACE_RULE_NOT_JUDGED', 'WILDCARD_TRUST_WITHOUT_POLICY'],
  ],
  [
    '* that the old proxy reads',
    withProxy(world({ [ALLOWED]: '["*"]' }, undefined, false)),
    ['NAMESPACE_RULE_ALLOWS_ALL'],
  ],
  [
    'a wildcard without a policy',
    { settings: { roleRules: RULES }, iam: { roles: [wildcard] } },
    ['WILDCARD_TRUST_WITHOUT_POLICY'],
  ],
  ['a wildcard with a policy', { settings: { roleRules: FILE }, iam: { roles: [wildcard] } }, []],
  ['a wildcard, and no option in use', { iam: { roles: [wildcard] } }, []],
  ['an old proxy that a role trusts', proxied(byAws(auditRoleArn('nodes'))), ['OLD_PROXY_MAY_ASSUME']],
  [
    'an old proxy, and a role that trusts the account',
    proxied(byAws('111122223333', 'sts:*')),
    ['OLD_PROXY_MAY_ASSUME'],
  ],
  ['an old proxy that no role trusts', proxied(byAws(auditRoleArn('ci'))), []],
  ['an old proxy, and another action', proxied(byAws(auditRoleArn('nodes'), 'sts:TagSession')), []],
  ['rights on Namespaces', withRights(world({ [OWN]: WEB }, RULES)), ['CAN_CHANGE_NAMESPACE_RULES']],
  ['rights on Namespaces without rules', withRights(world({})), []],
];
for (const [what, facts, expected] of FINDINGS) {
  test(`findings of ${what}: ${expected.join(', ') || 'none'}`, () => {
    const { findings } = buildModel(auditFacts(facts), () => []);
    assert.deepEqual(
      findings.map(({ code }) => code).filter((code) => NEW_CODES.test(code)),
      expected,
    );
  });
}
