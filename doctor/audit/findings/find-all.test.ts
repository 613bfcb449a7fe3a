import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AUDIT_ISSUER,
  AUDIT_PROVIDER,
  auditCluster,
  auditFacts,
  auditRole,
  auditRoleArn,
  auditServiceAccount,
  trusts,
} from '../../../testing/doctor/audit-facts.ts';
import { buildModel } from '../build-model.ts';
import { commandsOnClusters } from '../commands-on-clusters.ts';
import { auditExplanations } from '../explanations/audit-explanations.ts';

const WEB = auditRoleArn('web');
const web = auditServiceAccount('shop/web', WEB);
const webRole = auditRole('web', trusts('shop/web'));
const healthy = { cluster: { serviceAccounts: [web] }, iam: { roles: [webRole] } };
const aud = { 'oidc.example.com/one:aud': 'sts.amazonaws.com' };
const sub = { 'oidc.example.com/one:sub': 'system:serviceaccount:shop:web' };
const withRole = (condition: object) => ({ ...healthy, iam: { roles: [auditRole('web', condition)] } });
const key = {
  kind: 'Secret',
  namespace: 'shop',
  name: 's',
  place: 'key a',
  maskedKeyId: 'AKIA…WXYZ',
} as const;
/** Each case: what there is, and `CODE object text` of each finding. */
const CASES: readonly (readonly [
  name: string,
  world: Parameters<typeof auditFacts>[0],
  findings: readonly string[],
])[] = [
  ['a healthy ServiceAccount', healthy, []],
  [
    'no condition on sub',
    withRole({ StringEquals: aud }),
    [
      `NO_SUBJECT role ${WEB} Statement[0] has no condition on oidc.example.com/one:sub: every ServiceAccount of the cluster gets in`,
    ],
  ],
  [
    'a pattern of everybody',
    withRole(trusts('*/*', 'StringLike')),
    [`NO_SUBJECT role ${WEB} Statement[0] lets in every ServiceAccount of the cluster`],
  ],
  [
    'a pattern of a namespace',
    withRole(trusts('shop/*', 'StringLike')),
    [`WILDCARD_SUBJECT role ${WEB} Statement[0] lets in every ServiceAccount of namespace shop`],
  ],
  [
    'no condition on aud',
    withRole({ StringEquals: sub }),
    [
      `NO_AUDIENCE role ${WEB} Statement[0] has no condition on oidc.example.com/one:aud: tokens for any of the provider's client IDs get in`,
    ],
  ],
  [
    'a pattern of audiences',
    withRole({ StringEquals: sub, StringLike: { 'oidc.example.com/one:aud': 'sts.*' } }),
    [
      `WILDCARD_AUDIENCE role ${WEB} Statement[0] lets in tokens for every client ID of the provider that matches sts.*`,
    ],
  ],
  [
    'a principal of everybody',
    {
      ...healthy,
      iam: {
        roles: [
          {
            ...webRole,
            trustPolicy: {
              Statement: {
                Effect: 'Allow',
                Principal: '*',
                Action: '*',
                Condition: { StringEquals: { ...sub, ...aud } },
              },
            },
          },
        ],
      },
    },
    [
      `OPEN_PRINCIPAL role ${WEB} has a statement without a provider: tokens of every OIDC provider of the account get in`,
    ],
  ],
  [
    'a literal wildcard, so that the role refuses',
    withRole({ StringEquals: { ...aud, 'oidc.example.com/one:sub': 'system:serviceaccount:shop:*' } }),
    [
      `ROLE_REFUSED ServiceAccount shop/web names the role ${WEB}, and STS refuses it: StringEquals oidc.example.com/one:sub: expected "system:serviceaccount:shop:*", actual "system:serviceaccount:shop:web"`,
      `LITERAL_WILDCARD role ${WEB} Statement[0] lets nobody in by system:serviceaccount:shop:*: StringEquals treats * and ? literally; use StringLike for wildcards`,
    ],
  ],
  [
    'a misspelt key',
    withRole({
      StringEquals: { ...sub, ...aud },
      StringEqualsIfExists: { 'https://oidc.example.com/one:sub': 'x' },
    }),
    [
      `MISSPELT_KEY role ${WEB} Statement[0] has a condition on https://oidc.example.com/one:sub, which no token has: the key is oidc.example.com/one:sub`,
    ],
  ],
  [
    'a subject that nobody has',
    withRole({
      StringEquals: { ...aud, 'oidc.example.com/one:sub': ['system:serviceaccount:shop:web', 'shop/web'] },
    }),
    [
      `IMPOSSIBLE_SUBJECT role ${WEB} Statement[0] lets nobody in by shop/web: the subject of a ServiceAccount is system:serviceaccount:NAMESPACE:NAME`,
    ],
  ],
  [
    'a role that is gone',
    { cluster: { serviceAccounts: [web] } },
    [`ROLE_MISSING ServiceAccount shop/web names the role ${WEB}, which does not exist`],
  ],
  [
    'an annotation that is not an ARN',
    { cluster: { serviceAccounts: [auditServiceAccount('shop/web', 'web')] } },
    [
      'ROLE_MALFORMED ServiceAccount shop/web has an annotation eks.amazonaws.com/role-arn that is not the ARN of a role: the annotation is not the ARN of a role',
    ],
  ],
  [
    'a provider that is gone',
    { ...healthy, iam: { roles: [webRole], providers: [] } },
    [
      `ROLE_REFUSED ServiceAccount shop/web names the role ${WEB}, and STS refuses it: IAM has no OIDC provider for ${AUDIT_ISSUER}`,
      `MISSING_PROVIDER role ${WEB} trusts the OIDC provider of ${AUDIT_ISSUER}, which the account does not have`,
    ],
  ],
  [
    'a role for nobody',
    { iam: { roles: [webRole] } },
    [
      `ROLE_WITHOUT_SERVICE_ACCOUNT role ${WEB} trusts ServiceAccounts that the cluster does not have: shop/web`,
    ],
  ],
  [
    'a role for nobody, as far as the list was read',
    { cluster: { hasAllServiceAccounts: false }, iam: { roles: [webRole] } },
    [],
  ],
  [
    'a role for nobody in another namespace',
    { iam: { roles: [webRole] }, settings: { namespace: 'ops' } },
    [],
  ],
  [
    'a role that was not used for long',
    { ...healthy, iam: { roles: [{ ...webRole, lastUsedAt: new Date('2026-01-01T12:00:00Z') }] } },
    [`UNUSED_ROLE role ${WEB} was last used 212 days ago`],
  ],
  [
    'a role that was never used',
    {
      ...healthy,
      iam: { roles: [{ ...webRole, lastUsedAt: 'never', createdAt: new Date('2026-01-01T12:00:00Z') }] },
    },
    [`UNUSED_ROLE role ${WEB} was never used in the time that IAM remembers; it is 212 days old`],
  ],
  [
    'a new role that was never used',
    { ...healthy, iam: { roles: [{ ...webRole, lastUsedAt: 'never' }] } },
    [],
  ],
  [
    'a role that was used',
    { ...healthy, iam: { roles: [{ ...webRole, lastUsedAt: new Date('2026-07-30T00:00:00Z') }] } },
    [],
  ],
  [
    'a role of two namespaces',
    {
      cluster: { serviceAccounts: [web, auditServiceAccount('ops/web', WEB)] },
      iam: {
        roles: [
          auditRole('web', {
            StringEquals: {
              ...aud,
              'oidc.example.com/one:sub': ['system:serviceaccount:shop:web', 'system:serviceaccount:ops:web'],
            },
          }),
        ],
      },
    },
    [`SHARED_ROLE role ${WEB} is shared by ServiceAccounts of 2 namespaces: ops/web, shop/web`],
  ],
  [
    'a statement that podrole cannot read',
    {
      iam: {
        roles: [
          {
            ...webRole,
            trustPolicy: {
              Statement: {
                Effect: 'Allow',
                Principal: { Federated: AUDIT_PROVIDER },
                Action: 'sts:*',
                Hint: 1,
              },
            },
          },
        ],
      },
    },
    [
      `UNREADABLE_STATEMENT role ${WEB} Statement[0] has elements that podrole does not know, so this does not say who gets in by it`,
    ],
  ],
];

for (const [name, world, expected] of CASES) {
  test(`finding: ${name}`, () => {
    const { findings } = buildModel(auditFacts(world), () => []);
    assert.deepEqual(
      findings.map(({ code, object, text }) => `${code} ${object} ${text}`),
      expected,
    );
  });
}

const ELSEWHERE =
  /^(?:CAN_|CLUSTER_|STATIC_|NODE_|HOST_|KUBE2IAM_|DEAD_|OLD_PROXY_|ROLE_AGAINST_|WILDCARD_TRUST_|NAMESPACE_RULE_)/;

test('every finding has a case', () => {
  const seen = new Set(CASES.flatMap(([, , expected]) => expected.map((line) => line.split(' ')[0])));
  assert.deepEqual(
    // For the others see rights.test.ts, clusters.test.ts and policies.test.ts.
    Object.keys(auditExplanations).filter((code) => !seen.has(code) && !ELSEWHERE.test(code)),
    [],
  );
});

test('remedies name the cluster, and quote what a tenant wrote', () => {
  const cluster = auditCluster({
    context: "it's prod",
    serviceAccounts: [{ ...web, namespace: 'shop', name: '$(reboot)' }],
  });
  const facts = { ...auditFacts({ iam: { roles: [] } }), clusters: [cluster] };
  const model = buildModel(facts, () => []);
  const commandsWith = (flags: Parameters<typeof commandsOnClusters>[1]) =>
    commandsOnClusters(model, flags).findings.flatMap(({ remedy }) => remedy.commands);
  assert.deepEqual(commandsWith({ kubeconfig: undefined, kubeApi: undefined }), [
    `podrole bind --context 'it'\\''s prod' -n shop '$(reboot)' --role-name web --approve`,
  ]);
  assert.deepEqual(commandsWith({ kubeconfig: 'a b', kubeApi: undefined }), [
    `podrole bind --context 'it'\\''s prod' --kubeconfig 'a b' -n shop '$(reboot)' --role-name web --approve`,
  ]);
});

test('names of tenants are printed as one line, without escape sequences', () => {
  const keys = [{ ...key, name: 'a\n\u001b[31mred', place: 'key \u202e', hasSecret: true }];
  const { findings } = buildModel(auditFacts({ cluster: { keys } }), () => []);
  assert.doesNotMatch(findings.map(({ object, text }) => `${object} ${text}`).join(''), /[\p{Cc}\u202e]/u);
});
