import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeRole, type RoleRules } from './judge-role.ts';
import { toNamespaceFacts } from './namespace-facts.ts';
import type { RoleUse } from './role-use.ts';

const BASE = 'arn:aws:iam::111122223333:role/';
const PERMITTED = 'iam.amazonaws.com/permitted';
const ALLOWED = 'iam.amazonaws.com/allowed-roles';
const OWN = 'podrole.dev/allowed-roles';

function use(given: string, namedBy: RoleUse['namedBy'] = 'pod'): RoleUse {
  const roleArn = given.startsWith('arn:') ? given : `${BASE}${given}`;
  return { namespace: 'shop', serviceAccount: 'web', given, roleArn, namedBy };
}

function rules(annotations: Record<string, unknown>, more: Partial<RoleRules> = {}): RoleRules {
  const namespace = toNamespaceFacts({ metadata: { name: 'shop', annotations } });
  return { namespace, policy: undefined, allowedRolesFormat: 'glob', baseRoleArn: BASE, ...more };
}

const policy = (unlisted: 'deny' | 'annotated' | 'allow', namespaces: readonly string[] = ['shop']) => ({
  origin: 'policy.yaml',
  unlisted,
  rules: [{ namespaces, serviceAccounts: ['web*'], roles: [`${BASE}shop-*`] }],
});

const TABLE: readonly [string, RoleUse, RoleRules, string | undefined][] = [
  ['a pod needs a rule', use('web'), rules({}), 'no-rule'],
  ['a Namespace that does not exist has no rule', use('web'), rules({}, { namespace: undefined }), 'no-rule'],
  ['a ServiceAccount needs none', use('web', 'service-account'), rules({}), undefined],
  ['a ConfigMap needs none', use('web', 'config-map'), rules({}), undefined],
  ['one rule is enough', use('web'), rules({ [PERMITTED]: 'w.*' }), undefined],
  [
    'all that are present must allow',
    use('web'),
    rules({ [PERMITTED]: 'w.*', [ALLOWED]: '["x"]' }),
    'allowed-roles',
  ],
  ['two that allow', use('web'), rules({ [PERMITTED]: 'w.*', [ALLOWED]: '["w*"]' }), undefined],
  [
    'own rule for a ServiceAccount',
    use('web', 'service-account'),
    rules({ [OWN]: `${BASE}x` }),
    'namespace-policy',
  ],
  ['own rule allows a pod', use('web'), rules({ [OWN]: `${BASE}x\n  ${BASE}w*\n` }), undefined],
  ['own rule knows no names', use('web'), rules({ [OWN]: 'web' }), 'namespace-policy'],
  ['own rule: ? is an ordinary character', use('web'), rules({ [OWN]: `${BASE}we?` }), 'namespace-policy'],
  [
    'kiam does not judge ServiceAccounts',
    use('web', 'service-account'),
    rules({ [PERMITTED]: '' }),
    undefined,
  ],
  ['kube2iam does not judge ConfigMaps', use('web', 'config-map'), rules({ [ALLOWED]: '[]' }), undefined],
  ['empty: permitted', use('web'), rules({ [PERMITTED]: '' }), 'permitted'],
  ['empty: allowed-roles', use('web'), rules({ [ALLOWED]: ' ' }), 'allowed-roles'],
  ['empty: own', use('web', 'config-map'), rules({ [OWN]: '' }), 'namespace-policy'],
  ['not a string', use('web'), rules({ [OWN]: 7 }), 'namespace-policy'],
  [
    'not an own member',
    use('web'),
    rules(JSON.parse('{"__proto__":{"podrole.dev/allowed-roles":"*"}}')),
    'no-rule',
  ],
  ['too long: permitted', use('web'), rules({ [PERMITTED]: 'w.*|'.repeat(70_000) }), 'permitted'],
  ['too long: own', use('web'), rules({ [OWN]: '* '.repeat(130_000) }), 'namespace-policy'],
  ['too many: own', use('web'), rules({ [OWN]: '* '.repeat(1_001) }), 'namespace-policy'],
  [
    'too many: allowed-roles',
    use('web'),
    rules({ [ALLOWED]: JSON.stringify(Array(1_001).fill('*')) }),
    'allowed-roles',
  ],
  ['not JSON', use('web'), rules({ [ALLOWED]: 'web' }), 'allowed-roles'],
  ['not an array', use('web'), rules({ [ALLOWED]: '{"web":1}' }), 'allowed-roles'],
  ['not only strings', use('web'), rules({ [ALLOWED]: '["web",1]' }), 'allowed-roles'],
  ['null', use('web'), rules({ [ALLOWED]: 'null' }), 'allowed-roles'],
  [
    'name without a prefix',
    use(`${BASE}web`),
    rules({ [ALLOWED]: '["web"]' }, { baseRoleArn: undefined }),
    'allowed-roles',
  ],
  ['not an expression', use('web'), rules({ [PERMITTED]: '(' }), 'permitted'],
  ['policy file allows', use('shop-web'), rules({}, { policy: policy('deny') }), undefined],
  ['policy file refuses a pod', use('web'), rules({}, { policy: policy('deny') }), 'policy-file'],
  [
    'policy file refuses a ServiceAccount',
    use('web', 'service-account'),
    rules({}, { policy: policy('allow') }),
    'policy-file',
  ],
  [
    'policy file and annotation',
    use('shop-web'),
    rules({ [OWN]: 'x' }, { policy: policy('deny') }),
    'namespace-policy',
  ],
  [
    'unlisted: deny',
    use('shop-web', 'config-map'),
    rules({}, { policy: policy('deny', ['other']) }),
    'policy-file',
  ],
  [
    'unlisted: annotated, without one',
    use('shop-web', 'service-account'),
    rules({}, { policy: policy('annotated', ['other']) }),
    'policy-file',
  ],
  [
    'unlisted: annotated, with one',
    use('web', 'service-account'),
    rules({ [OWN]: '*' }, { policy: policy('annotated', ['other']) }),
    undefined,
  ],
  [
    'unlisted: annotated, with another',
    use('web', 'service-account'),
    rules({ [OWN]: 'x' }, { policy: policy('annotated', ['other']) }),
    'namespace-policy',
  ],
  ['unlisted: allow', use('web'), rules({}, { policy: policy('allow', ['other']) }), undefined],
  [
    'unlisted: allow, but annotated',
    use('web'),
    rules({ [OWN]: 'x' }, { policy: policy('allow', ['other']) }),
    'namespace-policy',
  ],
  ['a pattern of the Namespace', use('shop-web'), rules({}, { policy: policy('deny', ['s*p']) }), undefined],
  ['a role that is too long', use('w'.repeat(1_025)), rules({ [OWN]: '*' }), 'no-rule'],
];

for (const [title, asked, given, rule] of TABLE) {
  test(`judgeRole: ${title}`, () => {
    assert.equal(judgeRole(asked, given)?.rule, rule);
  });
}

test('judgeRole: a role of another ServiceAccount is refused', () => {
  const asked = { ...use('shop-web', 'service-account'), serviceAccount: 'job' };
  assert.deepEqual(judgeRole(asked, rules({}, { policy: policy('deny') })), {
    rule: 'policy-file',
    object: 'Role policy policy.yaml',
    problem: 'does not allow the role "shop-web" to ServiceAccount shop/job',
    remedy: 'use a role that it allows, or add a rule',
  });
});

const ODD = '\u001b[2J\n"b';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
for (const [key, value, format] of [
  [PERMITTED, `x\u202e${'y'.repeat(900)}`, 'glob'],
  [PERMITTED, `(${ODD}${SECRET}${'y'.repeat(900)}`, 'glob'],
  [PERMITTED, `${'x'.repeat(80)} ${SECRET}`, 'glob'],
  [ALLOWED, JSON.stringify([`(${ODD} ${SECRET}`]), 'regexp'],
  [ALLOWED, `{${ODD}${SECRET}`, 'glob'],
  [OWN, `${ODD} ${SECRET}`, 'glob'],
] as const) {
  test(`judgeRole: a refusal is safe to print, and short: ${JSON.stringify(value.slice(0, 20))}`, () => {
    const given = { ...rules({ [key]: value }), allowedRolesFormat: format };
    const refusal = judgeRole(use(`a${ODD}`), given);
    const text = `${refusal?.object} ${refusal?.problem}`;
    assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u);
    assert.doesNotMatch(text, /wJalr/);
    assert.ok(text.length < 500, text);
  });
}

test('toNamespaceFacts keeps only rules, and cuts them', () => {
  const raw = {
    metadata: {
      name: 'shop',
      resourceVersion: '7',
      annotations: { [OWN]: 'x'.repeat(200_000), other: 'y' },
    },
  };
  const facts = toNamespaceFacts(raw);
  assert.deepEqual(Object.keys(facts?.annotations ?? {}), [OWN]);
  assert.equal(facts?.annotations[OWN]?.length, 32_769);
  assert.equal(facts?.resourceVersion, '7');
  for (const odd of [null, 7, {}, { metadata: {} }, { metadata: { name: 7 } }]) {
    assert.equal(toNamespaceFacts(odd), undefined);
  }
});
