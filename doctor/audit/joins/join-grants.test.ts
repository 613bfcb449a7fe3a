import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeGrant } from '../../../testing/audit/describe-grant.ts';
import {
  AUDIT_PROVIDER,
  auditFacts,
  auditPod,
  auditRole,
  auditRoleArn,
  auditServiceAccount,
  trusts,
} from '../../../testing/doctor/audit-facts.ts';
import type { AuditFacts } from '../facts/audit-facts.ts';
import { joinGrants } from './join-grants.ts';

const WEB = auditRoleArn('web');
const web = auditServiceAccount('shop/web', WEB);
const webRole = auditRole('web', trusts('shop/web'));
const withContainer = {
  ...auditServiceAccount('shop/log'),
  annotations: { 'podrole.dev/container-roles': `fluentd=${auditRoleArn('log')}` },
};
const fluentd = 'sts.amazonaws.com/fluentd';
const logRole = auditRole('log', {
  StringEquals: {
    'oidc.example.com/one:sub': 'system:serviceaccount:shop:log',
    'oidc.example.com/one:aud': fluentd,
  },
});
const bothAudiences = [
  {
    arn: AUDIT_PROVIDER,
    issuer: 'https://oidc.example.com/one',
    clientIds: ['sts.amazonaws.com', fluentd],
    thumbprints: [],
    served: 'not asked' as const,
  },
];

const TEAM = `\${aws:PrincipalTag.team}`;
const unread = (principal: unknown, action = 'sts:*') => ({
  Statement: {
    Effect: 'Allow',
    Principal: principal,
    Action: action,
    Condition: { Bool: { 'x:y': 'true' } },
  },
});

/** Each case: what there is, and `kind container role pods verdict reason` of each grant. */
const CASES: readonly (readonly [name: string, facts: AuditFacts, grants: readonly string[]])[] = [
  [
    'an annotated ServiceAccount that the role trusts',
    auditFacts({ cluster: { serviceAccounts: [web] }, iam: { roles: [webRole] } }),
    ['web-identity shop/web web [] allowed Statement[0] lets it in'],
  ],
  [
    'its pods that have the role',
    auditFacts({
      cluster: {
        serviceAccounts: [web],
        pods: [
          auditPod('web-1', 'shop/web', { roles: [{ container: 'a', roleArn: WEB, audience: undefined }] }),
          auditPod('web-0', 'shop/web'),
        ],
      },
      iam: { roles: [webRole] },
    }),
    ['web-identity shop/web web [web-1] allowed Statement[0] lets it in'],
  ],
  [
    'pods that get another role, which this one assumes',
    auditFacts({
      cluster: {
        serviceAccounts: [web],
        pods: [
          auditPod('web-1', 'shop/web', {
            roles: [
              {
                container: 'a',
                roleArn: WEB,
                audience: undefined,
                servedBy: 'podrole agent',
                targetRoleArn: auditRoleArn('shared'),
              },
            ],
          }),
        ],
      },
      iam: { roles: [webRole] },
    }),
    [
      `web-identity shop/web web [web-1] allowed Statement[0] lets it in; pods get sessions of ${auditRoleArn('shared')}, which this role assumes (podrole agent)`,
    ],
  ],
  [
    'a pod with a role of its own',
    auditFacts({
      cluster: {
        serviceAccounts: [auditServiceAccount('shop/web')],
        pods: [
          auditPod('web-1', 'shop/web', { roles: [{ container: 'a', roleArn: WEB, audience: undefined }] }),
        ],
      },
      iam: { roles: [webRole] },
    }),
    [
      'web-identity shop/web web [web-1] allowed Statement[0] lets it in; running pods name the role, and no annotation does',
    ],
  ],
  [
    'a role that lets in a ServiceAccount that does not name it',
    auditFacts({
      cluster: { serviceAccounts: [auditServiceAccount('shop/web'), auditServiceAccount('shop/api')] },
      iam: { roles: [webRole] },
    }),
    ['trusted-only shop/web web [] allowed Statement[0] lets it in'],
  ],
  [
    'a pattern',
    auditFacts({
      cluster: { serviceAccounts: ['shop/a', 'shop/b', 'shopping/c'].map((id) => auditServiceAccount(id)) },
      iam: { roles: [auditRole('all', trusts('shop/*', 'StringLike'))] },
    }),
    [
      'trusted-only shop/a all [] allowed Statement[0] lets it in',
      'trusted-only shop/b all [] allowed Statement[0] lets it in',
    ],
  ],
  [
    'a role that refuses',
    auditFacts({
      cluster: { serviceAccounts: [web] },
      iam: { roles: [auditRole('web', trusts('ops/web'))] },
    }),
    [
      'web-identity shop/web web [] refused StringEquals oidc.example.com/one:sub: expected "system:serviceaccount:ops:web", actual "system:serviceaccount:shop:web"',
    ],
  ],
  [
    'an audience that the role refuses, while it lets in the usual one',
    auditFacts({
      cluster: {
        serviceAccounts: [
          { ...web, annotations: { ...web.annotations, 'eks.amazonaws.com/audience': 'example.com' } },
        ],
      },
      iam: { roles: [webRole] },
    }),
    [
      'web-identity shop/web web [] refused the OIDC provider for https://oidc.example.com/one has no client ID example.com',
      'trusted-only shop/web web [] allowed Statement[0] lets it in',
    ],
  ],
  [
    'a subject with a variable',
    auditFacts({
      cluster: { serviceAccounts: [auditServiceAccount('shop/web')] },
      iam: { roles: [auditRole('web', trusts(`${TEAM}/web`, 'StringLike'))] },
    }),
    [
      `trusted-only shop/web web [] restricted Statement[0] lets it in under conditions: StringLike oidc.example.com/one:sub: expected "system:serviceaccount:${TEAM}:web", which cannot be checked here`,
    ],
  ],
  [
    'roles of services and of other calls, which podrole cannot read',
    auditFacts({
      cluster: { serviceAccounts: [auditServiceAccount('shop/web')] },
      iam: {
        roles: [
          auditRole(
            'saml',
            {},
            { trustPolicy: unread({ Federated: 'arn:aws:iam::111122223333:saml-provider/x' }) },
          ),
          auditRole('other', {}, { trustPolicy: unread('*', 'sts:AssumeRole') }),
          auditRole('all', {}, { trustPolicy: unread('*') }),
        ],
      },
    }),
    [
      'trusted-only shop/web all [] restricted Statement[0] lets it in under conditions: it has elements that podrole does not know',
    ],
  ],
  [
    'a role under a condition on the address',
    auditFacts({
      cluster: { serviceAccounts: [web] },
      iam: {
        roles: [auditRole('web', { ...trusts('shop/web'), IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } })],
      },
    }),
    [
      'web-identity shop/web web [] restricted Statement[0] lets it in under conditions: IpAddress aws:SourceIp: expected "10.0.0.0/8", which cannot be checked here',
    ],
  ],
  [
    'a role that is gone',
    auditFacts({ cluster: { serviceAccounts: [web] } }),
    ['web-identity shop/web web [] refused IAM has no such role'],
  ],
  [
    'a role of another account',
    auditFacts({
      cluster: { serviceAccounts: [auditServiceAccount('shop/web', 'arn:aws:iam::444455556666:role/web')] },
    }),
    ['web-identity shop/web web [] unknown the role is in account 444455556666'],
  ],
  [
    'roles that could not be read',
    auditFacts({ cluster: { serviceAccounts: [web] }, iam: { roles: undefined } }),
    ['web-identity shop/web web [] unknown the roles of IAM were not read'],
  ],
  [
    'an issuer that could not be read',
    auditFacts({ cluster: { serviceAccounts: [web], issuer: undefined }, iam: { roles: [webRole] } }),
    ['web-identity shop/web web [] unknown the issuer of the cluster was not read'],
  ],
  [
    'an account without the provider',
    auditFacts({
      cluster: { serviceAccounts: [web, auditServiceAccount('shop/api')] },
      iam: { roles: [webRole, auditRole('api', trusts('shop/api'))], providers: [] },
    }),
    ['web-identity shop/web web [] refused IAM has no OIDC provider for https://oidc.example.com/one'],
  ],
  [
    'a provider that cannot be read',
    auditFacts({ cluster: { serviceAccounts: [web] }, iam: { roles: [webRole], providers: undefined } }),
    ['web-identity shop/web web [] allowed Statement[0] lets it in'],
  ],
  [
    'a container with a role of its own, whose audience the provider lacks',
    auditFacts({ cluster: { serviceAccounts: [withContainer] }, iam: { roles: [logRole] } }),
    [
      `container-role shop/log/fluentd log [] refused the OIDC provider for https://oidc.example.com/one has no client ID ${fluentd}`,
    ],
  ],
  [
    'a container with a role of its own',
    auditFacts({
      cluster: { serviceAccounts: [withContainer] },
      iam: { roles: [logRole], providers: bothAudiences },
    }),
    ['container-role shop/log/fluentd log [] allowed Statement[0] lets it in'],
  ],
  [
    'a role that any client ID opens',
    auditFacts({
      cluster: { serviceAccounts: [auditServiceAccount('shop/log')] },
      iam: { roles: [logRole], providers: bothAudiences },
    }),
    ['trusted-only shop/log log [] allowed Statement[0] lets it in'],
  ],
];

for (const [name, facts, expected] of CASES) {
  test(`who may assume what: ${name}`, () => {
    assert.deepEqual(joinGrants(facts).grants.map(describeGrant), expected);
  });
}

test('a malformed annotation is kept apart', () => {
  const cluster = { serviceAccounts: [auditServiceAccount('shop/web', 'web')] };
  const { grants, unreadable } = joinGrants(auditFacts({ cluster }));
  assert.deepEqual(grants, []);
  assert.deepEqual(
    unreadable.map(({ serviceAccount, given, details }) => [serviceAccount, given, details]),
    [['web', 'web', ['the annotation is not the ARN of a role']]],
  );
});

test('a grant names at most twenty pods', () => {
  const roles = [{ container: 'a', roleArn: WEB, audience: undefined }];
  const pods = Array.from({ length: 50 }, (_, at) => auditPod(`web-${at}`, 'shop/web', { roles }));
  const { grants } = joinGrants(auditFacts({ cluster: { serviceAccounts: [web], pods } }));
  assert.equal(grants[0]?.pods.length, 20);
});

test('what a tenant writes is cut, printable and without keys in the reasons', () => {
  const audience = `AKIA${'IOSFODNN7EXAMPLE'}\u009b2J${'x '.repeat(9_999)}`;
  const pod = auditPod('web-1', 'shop/web', { roles: [{ container: 'a', roleArn: WEB, audience }] });
  const serviceAccounts = [auditServiceAccount('shop/web')];
  const facts = auditFacts({ cluster: { serviceAccounts, pods: [pod] }, iam: { roles: [webRole] } });
  const [refused] = joinGrants(facts).grants;
  const text = refused?.reasons[0] ?? '';
  assert.match(text, /has no client ID AKIA…MPLE\\u009b2J[x ]+…$/);
  assert.ok(text.length < 2_100);
});
