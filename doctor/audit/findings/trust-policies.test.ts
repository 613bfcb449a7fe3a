import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asObject } from '../../../lib/json/json.ts';
import {
  AUDIT_PROVIDER,
  auditCluster,
  auditFacts,
  auditRole,
  auditRoleArn,
  auditServiceAccount,
  trusts,
} from '../../../testing/doctor/audit-facts.ts';
import { buildModel } from '../build-model.ts';

const WEB = auditRoleArn('web');
const web = auditServiceAccount('shop/web', WEB);
const webRole = auditRole('web', trusts('shop/web'));
const healthy = { cluster: { serviceAccounts: [web] }, iam: { roles: [webRole] } };

/** Each case: what there is, and `CODE object text` of each finding. For more see find-all.test.ts. */
const CASES: readonly (readonly [
  name: string,
  world: Parameters<typeof auditFacts>[0],
  findings: readonly string[],
])[] = [
  [
    'a Deny for a ServiceAccount that is gone',
    {
      ...healthy,
      iam: {
        roles: [
          {
            ...webRole,
            trustPolicy: {
              Statement: [
                asObject(webRole.trustPolicy)?.['Statement'],
                {
                  Effect: 'Deny',
                  Principal: { Federated: AUDIT_PROVIDER },
                  Action: '*',
                  Condition: {
                    StringEquals: { 'oidc.example.com/one:sub': 'system:serviceaccount:shop:old' },
                  },
                },
              ].flat(),
            },
          },
        ],
      },
    },
    [],
  ],
  [
    'a statement for all but some',
    {
      ...healthy,
      iam: {
        roles: [
          {
            ...webRole,
            trustPolicy: {
              Statement: { Effect: 'Allow', NotPrincipal: { AWS: 'arn:aws:iam::1:root' }, Action: '*' },
            },
          },
        ],
      },
    },
    [
      `UNREADABLE_STATEMENT role ${WEB} has a statement for everybody, or for all but some, that podrole cannot read: tokens of every OIDC provider of the account may get in`,
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

test('clusters that share an issuer share its ServiceAccounts', () => {
  const clusters = [
    auditCluster({ context: 'one', serviceAccounts: [web] }),
    auditCluster({ context: 'two' }),
  ];
  const roles = [auditRole('web', trusts('shop/web')), auditRole('gone', trusts('shop/gone'))];
  const { findings } = buildModel({ ...auditFacts({ iam: { roles } }), clusters }, () => []);
  assert.deepEqual(
    findings.map(({ code, object, text, cluster }) => [`${code} ${object} ${text}`, cluster]),
    [
      [
        `ROLE_WITHOUT_SERVICE_ACCOUNT role ${auditRoleArn('gone')} trusts ServiceAccounts that no cluster of its issuer has: shop/gone`,
        undefined,
      ],
    ],
  );
});
