import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIST_CONTEXT } from '../../testing/bind/list-context.ts';
import { trustPolicyOf } from '../trust/trust-statement.ts';
import { joinPodRoles, type PodContext } from './join-pods.ts';

const ACCOUNT = 'arn:aws:iam::111122223333';
const PROVIDER = `${ACCOUNT}:oidc-provider/oidc.example.com/one`;
const CONTEXT: PodContext = {
  ...LIST_CONTEXT,
  podRoleAnnotation: 'iam.amazonaws.com/role',
  baseRoleArn: `${ACCOUNT}:role/`,
};

function role(name: string, account: string, audience = 'sts.amazonaws.com') {
  const subject = `system:serviceaccount:shop:${account}`;
  const entry = { providerArn: PROVIDER, issuer: LIST_CONTEXT.issuer, subject, isPattern: false, audience };
  return { arn: `${ACCOUNT}:role/${name}`, path: '/', name, trustPolicy: trustPolicyOf([entry]) };
}

const ROLES = [role('web', 'web'), role('api', 'api'), role('vault', 'vault', 'vault')];
const ACCOUNTS = [
  { namespace: 'shop', name: 'web', annotations: { 'eks.amazonaws.com/role-arn': `${ACCOUNT}:role/api` } },
  { namespace: 'shop', name: 'vault', annotations: { 'eks.amazonaws.com/audience': 'vault' } },
];

const CASES: readonly (readonly [
  what: string,
  account: string,
  given: string,
  expected: RegExp,
  context?: Partial<PodContext>,
])[] = [
  [
    'a name',
    'web',
    'web',
    /^bound arn:aws:iam::111122223333:role\/web; named by the pod p-1, annotation iam/,
  ],
  ['a name with a slash', 'web', '/web', /^bound /],
  ['an ARN', 'web', `${ACCOUNT}:role/web`, /^bound /],
  ['a role that trusts another ServiceAccount', 'web', 'api', /^drifted .*; StringEquals /],
  ['a pod without its ServiceAccount', 'gone', 'web', /^drifted /],
  ['a role that does not exist', 'web', 'gone', /^no role .*; IAM has no such role/],
  ['an audience of the ServiceAccount', 'vault', 'vault', /^bound /, { clientIds: ['vault'] }],
  ['an audience that the provider lacks', 'vault', 'vault', /^drifted .*has no client ID vault/],
  ['a role of another account', 'web', 'arn:aws:iam::444455556666:role/web', /^other account /],
  ['an ARN of a user', 'web', `${ACCOUNT}:user/web`, /^no role .*is not a role$/],
  ['a name without a prefix', 'web', 'web', /^no role web; .*--base-role-arn/, { baseRoleArn: undefined }],
  [
    'a name, completed by the account',
    'web',
    'web',
    /^bound /,
    { baseRoleArn: undefined, composeRoleArn: true, accountId: '111122223333', partition: 'aws' },
  ],
];
for (const [what, account, given, expected, changes] of CASES) {
  test(`a role that pods name: ${what}`, () => {
    const named = { namespace: 'shop', serviceAccount: account, given, pods: ['p-1'], podCount: 1 };
    const [row] = joinPodRoles([named], ACCOUNTS, ROLES, {
      ...CONTEXT,
      clientIds: ['sts.amazonaws.com'],
      ...changes,
    });
    assert.match(`${row?.state} ${row?.roleArn}; ${row?.details.join('; ')}`, expected);
    assert.deepEqual([row?.namedBy, row?.pods, row?.serviceAccount], ['pod', ['p-1'], account]);
  });
}

test('many pods are counted, and only some are named', () => {
  const pods = Array.from({ length: 20 }, (_, at) => `p-${at}`);
  const named = { namespace: 'shop', serviceAccount: 'web', given: 'web', pods, podCount: 700 };
  const [row] = joinPodRoles([named], ACCOUNTS, ROLES, CONTEXT);
  assert.match(row?.details[0] ?? '', /^named by the pods p-0, p-1, p-2 and 697 more, /);
});
