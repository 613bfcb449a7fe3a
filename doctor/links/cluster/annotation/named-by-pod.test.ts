import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BARE_POD,
  DENIED,
  healthyChain,
  POD,
  SERVICE_ACCOUNT,
} from '../../../../testing/doctor/cluster-facts.ts';
import { ROLE } from '../../../../testing/doctor/doctor-cluster.ts';
import { ABSENT, read } from '../../../../testing/doctor/reading.ts';
import { commandsOf, verdictOf } from '../../../../testing/doctor/verdict.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { RoleRulesFacts } from '../../../facts/rule-facts.ts';
import { annotation } from '../annotation.ts';
import { webhook } from '../webhook.ts';

const KEY = 'iam.amazonaws.com/role';
const PERMITTED = 'iam.amazonaws.com/permitted';
const ALLOWED = 'iam.amazonaws.com/allowed-roles';
const OWN = 'podrole.dev/allowed-roles';
const BASE = 'arn:aws:iam::111122223333:role/';
const RULES: RoleRulesFacts = {
  mode: 'warn',
  allowedRolesFormat: 'glob',
  podRoleAnnotation: KEY,
  baseRoleArn: BASE,
};
const REGEXP: RoleRulesFacts = { ...RULES, allowedRolesFormat: 'regexp' };
const ENFORCED: RoleRulesFacts = { ...RULES, mode: 'enforce' };

function fileOf(unlisted: 'deny' | 'annotated' | 'allow', ...roles: readonly string[]): RoleRulesFacts {
  const rule = { namespaces: ['shop'], serviceAccounts: ['*'], roles };
  return { ...RULES, policy: { origin: 'policy.yaml', unlisted, rules: roles.length > 0 ? [rule] : [] } };
}

type PodRole = NonNullable<ChainFacts['podRole']>;
const POD_ROLE: PodRole = {
  key: KEY,
  given: 'shop-web',
  roleArn: ROLE,
  isConfigured: true,
  hasExternalId: false,
};

type Rules = Readonly<Record<string, string>>;

/** A pod that names its role by an annotation, in a namespace with these rules. */
function named(
  annotations: Rules,
  roleRules = RULES,
  podRole: Partial<PodRole> = {},
  namespaceRules: ChainFacts['cluster']['namespaceRules'] = read({ name: 'shop', annotations }),
): ChainFacts {
  const chain = healthyChain({
    namespaceRules,
    serviceAccount: read({ ...SERVICE_ACCOUNT, annotations: {} }),
  });
  const settings = { ...chain.settings, roleRules };
  return { ...chain, settings, podRole: { ...POD_ROLE, ...podRole } };
}

/** The same role, named by the ServiceAccount. */
function ofAccount(annotations: Rules, roleRules?: RoleRulesFacts): ChainFacts {
  const chain = healthyChain({ namespaceRules: read({ name: 'shop', annotations }) });
  return { ...chain, settings: { ...chain.settings, ...(roleRules && { roleRules }) } };
}

/** And by the ConfigMap of the webhook. */
function ofConfigMap(annotations: Rules, roleRules: RoleRulesFacts): ChainFacts {
  const chain = ofAccount(annotations, roleRules);
  const serviceAccount = read({ ...SERVICE_ACCOUNT, annotations: {} });
  return { ...chain, cluster: { ...chain.cluster, serviceAccount } };
}

const LONG = 'x'.repeat(40_000);
const NO_BASE: RoleRulesFacts = { mode: 'warn', allowedRolesFormat: 'glob', podRoleAnnotation: KEY };

const CASES: readonly (readonly [what: string, chain: ChainFacts, verdict: string])[] = [
  ['permitted by the name', named({ [PERMITTED]: 'shop-.*' }), 'ok'],
  ['permitted by the ARN', named({ [PERMITTED]: `${BASE}shop-web` }), 'ok'],
  ['permitted in part', named({ [PERMITTED]: 'shop' }), 'broken ROLE_NOT_PERMITTED'],
  ['not permitted', named({ [PERMITTED]: 'billing-.*' }), 'broken ROLE_NOT_PERMITTED'],
  ['an empty permitted', named({ [PERMITTED]: '' }), 'broken ROLE_NOT_PERMITTED'],
  ['a malformed permitted', named({ [PERMITTED]: '(' }), 'broken ROLE_NOT_PERMITTED'],
  ['a permitted that is too long', named({ [PERMITTED]: LONG }), 'broken ROLE_NOT_PERMITTED'],
  ['allowed by a glob', named({ [ALLOWED]: '["shop-*"]' }), 'ok'],
  ['allowed by an ARN', named({ [ALLOWED]: `["${ROLE}"]` }), 'ok'],
  ['not allowed', named({ [ALLOWED]: '["billing-*"]' }), 'broken ROLE_NOT_IN_ALLOWED_ROLES'],
  ['nothing allowed', named({ [ALLOWED]: '[]' }), 'broken ROLE_NOT_IN_ALLOWED_ROLES'],
  ['allowed-roles that is not JSON', named({ [ALLOWED]: 'shop-*' }), 'broken ROLE_NOT_IN_ALLOWED_ROLES'],
  ['an expression as a glob', named({ [ALLOWED]: '["shop-.+"]' }), 'broken ROLE_NOT_IN_ALLOWED_ROLES'],
  ['an expression', named({ [ALLOWED]: '["shop-.+"]' }, REGEXP), 'ok'],
  ['a malformed expression', named({ [ALLOWED]: '["["]' }, REGEXP), 'broken ROLE_NOT_IN_ALLOWED_ROLES'],
  ['allowed by podrole.dev/allowed-roles', named({ [OWN]: `${BASE}a ${BASE}shop-*` }), 'ok'],
  ['not in podrole.dev/allowed-roles', named({ [OWN]: `${BASE}a` }), 'broken ROLE_NOT_IN_NAMESPACE_POLICY'],
  ['two rules, one refuses', named({ [OWN]: '*', [PERMITTED]: 'a' }), 'broken ROLE_NOT_PERMITTED'],
  ['no rule', named({}), 'broken ROLE_WITHOUT_RULE'],
  ['no rule, audit', named({}, { ...RULES, mode: 'audit' }), 'broken ROLE_WITHOUT_RULE'],
  ['a policy file that allows it', named({}, fileOf('deny', `${BASE}shop-*`)), 'ok'],
  [
    'a policy file that allows another',
    named({}, fileOf('deny', `${BASE}a`)),
    'broken ROLE_NOT_IN_POLICY_FILE',
  ],
  ['a policy file without the namespace', named({}, fileOf('deny')), 'broken ROLE_NOT_IN_POLICY_FILE'],
  [
    'a policy file that asks for an annotation',
    named({}, fileOf('annotated')),
    'broken ROLE_NOT_IN_POLICY_FILE',
  ],
  ['a policy file that allows the others', named({}, fileOf('allow')), 'ok'],
  ['a namespace that may not be read', named({}, RULES, {}, DENIED), 'ok'],
  [
    'a namespace that may not be read, and a file',
    named({}, fileOf('deny'), {}, DENIED),
    'broken ROLE_NOT_IN_POLICY_FILE',
  ],
  ['a namespace that is gone', named({}, RULES, {}, ABSENT), 'broken ROLE_WITHOUT_RULE'],
  [
    'allowed by a glob, completed by a webhook whose settings nobody gave',
    named({ [ALLOWED]: '["shop-*"]' }, NO_BASE, { isConfigured: false }),
    'ok',
  ],
  [
    'not allowed, likewise',
    named({ [ALLOWED]: '["billing-*"]' }, NO_BASE, { isConfigured: false }),
    'broken ROLE_NOT_IN_ALLOWED_ROLES',
  ],
  [
    'an ARN, and a glob for names that nobody completes',
    named({ [ALLOWED]: '["shop-*"]' }, NO_BASE, { given: ROLE }),
    'broken ROLE_NOT_IN_ALLOWED_ROLES',
  ],
  [
    'a name without an account',
    named({ [OWN]: '*' }, NO_BASE, { roleArn: undefined }),
    'broken POD_ROLE_INCOMPLETE',
  ],
  [
    'an ARN of a user',
    named({ [OWN]: '*' }, RULES, { roleArn: undefined, given: 'arn:aws:iam::1:user/a' }),
    'broken POD_ROLE_MALFORMED',
  ],
  [
    'white space',
    named({ [OWN]: '*' }, RULES, { roleArn: undefined, given: 'a b' }),
    'broken POD_ROLE_MALFORMED',
  ],
  ['a session name', named({ [OWN]: '*' }, RULES, { sessionName: 'web' }), 'ok'],
  [
    'a session name with a slash',
    named({ [OWN]: '*' }, RULES, { sessionName: 'a/b' }),
    'warning SESSION_NAME_INVALID',
  ],
  [
    'a session name of one character',
    named({ [OWN]: '*' }, RULES, { sessionName: 'a' }),
    'warning SESSION_NAME_INVALID',
  ],
  [
    'a long session name',
    named({ [OWN]: '*' }, RULES, { sessionName: 'a'.repeat(65) }),
    'warning SESSION_NAME_INVALID',
  ],
  ['an external ID', named({ [OWN]: '*' }, RULES, { hasExternalId: true }), 'warning EXTERNAL_ID_UNUSED'],
  [
    'a refused role with an external ID',
    named({}, RULES, { hasExternalId: true }),
    'broken ROLE_WITHOUT_RULE',
  ],
  ['a ServiceAccount whose role no rule names', ofAccount({}, RULES), 'ok'],
  ['a ServiceAccount, refused by permitted', ofAccount({ [PERMITTED]: 'a' }, RULES), 'ok'],
  ['a ServiceAccount, refused by allowed-roles', ofAccount({ [ALLOWED]: '[]' }, RULES), 'ok'],
  [
    'a ServiceAccount, refused',
    ofAccount({ [OWN]: `${BASE}a` }, RULES),
    'warning ROLE_NOT_IN_NAMESPACE_POLICY',
  ],
  [
    'a ServiceAccount, refused under enforce',
    ofAccount({ [OWN]: `${BASE}a` }, ENFORCED),
    'broken ROLE_NOT_IN_NAMESPACE_POLICY',
  ],
  ['a ServiceAccount, refused by the file', ofAccount({}, fileOf('deny')), 'warning ROLE_NOT_IN_POLICY_FILE'],
  [
    'a ServiceAccount, and no option in use',
    ofAccount({ [OWN]: `${BASE}a` }, { mode: 'warn', allowedRolesFormat: 'glob' }),
    'ok',
  ],
  ['a ServiceAccount, and facts of an older version', ofAccount({ [OWN]: `${BASE}a` }), 'ok'],
  ['a ConfigMap, refused', ofConfigMap({ [OWN]: `${BASE}a` }, RULES), 'warning ROLE_NOT_IN_NAMESPACE_POLICY'],
];
for (const [what, chain, verdict] of CASES) {
  test(`judges ${what}: ${verdict}`, () => {
    assert.equal(verdictOf(annotation, chain), verdict);
  });
}

test('a rule that could not be read is said, and is not taken for none', () => {
  const states = annotation.judge(named({}, RULES, {}, DENIED)).map(({ state }) => state);
  assert.deepEqual(states, ['ok', 'unknown']);
});

const EXTENDED: readonly (readonly [what: string, chain: ChainFacts, annotation: string])[] = [
  ['no rule', named({}), `${OWN}=${ROLE}`],
  ['another role', named({ [OWN]: `${BASE}a` }), `${OWN}=${BASE}a ${ROLE}`],
  ['globs', named({ [ALLOWED]: '["a-*"]' }), `${ALLOWED}=["a-*","${ROLE}"]`],
  ['no JSON', named({ [ALLOWED]: 'a-*' }), `${ALLOWED}=["${ROLE}"]`],
  ['expressions', named({ [ALLOWED]: '["^a$"]' }, REGEXP), `${ALLOWED}=["^a$","${ROLE}$"]`],
  ['a malformed expression', named({ [ALLOWED]: '["["]' }, REGEXP), `${ALLOWED}=["${ROLE}$"]`],
  ['an alternative', named({ [PERMITTED]: 'a|b' }), `${PERMITTED}=(?:a|b)|${ROLE}`],
  ['a malformed permitted', named({ [PERMITTED]: 'a)|(' }), `${PERMITTED}=${ROLE}`],
];
for (const [what, chain, expected] of EXTENDED) {
  test(`the command adds the role to ${what}, and the role is allowed then`, () => {
    const [command = ''] = commandsOf(annotation, chain);
    assert.match(command, /^kubectl annotate namespace shop .* --overwrite$/);
    assert.equal(command.split(' ').slice(4, -1).join(' ').replace(/^'|'$/g, ''), expected);
    const [key = '', value = ''] = splitOnce(expected);
    const before = chain.cluster.namespaceRules;
    const known = before?.state === 'read' ? before.value.annotations : {};
    const after = read({ name: 'shop', annotations: { ...known, [key]: value } });
    const cluster = { ...chain.cluster, namespaceRules: after };
    assert.equal(verdictOf(annotation, { ...chain, cluster }), 'ok');
  });
}

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

test('a hostile rule is neither printed whole nor offered as a command', () => {
  const hostile = named({ [ALLOWED]: `["${'\\u001b[2J'.repeat(3_000)}"]` });
  const [finding] = annotation.judge(hostile);
  assert.doesNotMatch(JSON.stringify(finding), /\\u001b\[2J/);
  assert.ok(JSON.stringify(finding).length < 4_000);
});

const DENIAL = 'answered 403: admission webhook "pods.podrole.dev" denied the request: no rule allows it';
const OTHER_DENIAL = 'answered 403: admission webhook "validate.kyverno.svc" denied the request: podrole.dev';
const refusedPod = (refused: string) => read({ warnings: [], refused });
const bare = read({ pod: BARE_POD, warnings: [] });

const WEBHOOK_CASES: readonly (readonly [what: string, chain: ChainFacts, verdict: string])[] = [
  ['that gives the role', named({ [OWN]: '*' }), 'ok'],
  ['that gives none', withDryRun(named({ [OWN]: '*' }), bare), 'broken POD_ROLE_NOT_READ'],
  ['that gives none, as the rules want it', withDryRun(named({}), bare), 'ok'],
  ['that refuses the pod', withDryRun(ofAccount({}), refusedPod(DENIAL)), 'broken POLICY_REFUSES_POD'],
  [
    'beside another that refuses it',
    withDryRun(ofAccount({}), refusedPod(OTHER_DENIAL)),
    'warning DRY_RUN_REFUSED',
  ],
];
for (const [what, chain, verdict] of WEBHOOK_CASES) {
  test(`judges a webhook ${what}: ${verdict}`, () => {
    assert.equal(verdictOf(webhook, chain), verdict);
  });
}

function withDryRun(chain: ChainFacts, dryRun: ChainFacts['cluster']['dryRun']): ChainFacts {
  return { ...chain, cluster: { ...chain.cluster, dryRun, pod: read({ ...POD, ...BARE_POD }) } };
}
