import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetStatement } from '../../../bind/trust/target/target-statement.ts';
import {
  awsChain,
  CHAIN_ISSUER,
  CHAIN_ROLE,
  CHAIN_SUBJECT,
  chainRole,
  DENIED,
  READ_POLICY,
} from '../../../testing/doctor/aws-chain.ts';
import { ABSENT, read } from '../../../testing/doctor/reading.ts';
import type { AwsFacts } from '../../facts/aws-facts.ts';
import { judgeChain } from '../../judge/judge-chain.ts';
import { target } from './target.ts';

const TARGET = 'arn:aws:iam::111122223333:role/reports';
const OWN = targetStatement({
  issuer: CHAIN_ISSUER,
  subject: CHAIN_SUBJECT,
  roleArn: CHAIN_ROLE,
  externalId: 'eu-central-1/111122223333/one/shop/web',
  tags: { 'kubernetes-namespace': 'shop', 'eks-cluster-name': 'one' },
});
const ALLOWS = {
  Statement: { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: TARGET },
};

interface Chain {
  readonly statements?: readonly unknown[];
  readonly target?: AwsFacts['target'];
  readonly policy?: unknown;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly container?: string;
}

function chainOf({ statements = [OWN], policy = ALLOWS, annotations, container, ...chain }: Chain = {}) {
  const value = {
    namespace: 'shop',
    name: 'web',
    uid: 'u',
    createdAt: '2026-08-01T11:00:00Z',
    annotations: {
      'eks.amazonaws.com/role-arn': CHAIN_ROLE,
      'podrole.dev/target-role-arn': TARGET,
      ...annotations,
    },
  };
  const found = read({ arn: TARGET, trustPolicy: { Statement: statements } });
  const policies = read([{ name: 'own', kind: 'inline' as const, document: read(policy) }]);
  return awsChain({
    aws: { target: chain.target ?? found, role: read(chainRole({ policies })) },
    cluster: { serviceAccount: read(value) },
    ...(container === undefined ? {} : { chain: { container } }),
  });
}

const condition = (block: object) => ({ ...OWN, Condition: { StringEquals: block } });

const CASES: readonly (readonly [name: string, chain: Chain, codes: readonly (string | undefined)[]])[] = [
  ['bound by podrole', {}, [undefined]],
  ['an unreadable role', { target: DENIED }, [undefined]],
  ['a missing role', { target: ABSENT }, ['TARGET_MISSING']],
  [
    'a role with another path',
    { target: read({ arn: TARGET.replace('role/', 'role/x/'), trustPolicy: {} }) },
    ['TARGET_MISSING'],
  ],
  ['no trust', { statements: [] }, ['TARGET_DOES_NOT_TRUST']],
  [
    'a trust policy that is not JSON',
    { target: read({ arn: TARGET, trustPolicy: null }) },
    ['TARGET_DOES_NOT_TRUST'],
  ],
  [
    'a deleted role',
    { statements: [{ ...OWN, Principal: { AWS: 'AROAEXAMPLEEXAMPLE77' } }] },
    ['TARGET_ROLE_DELETED'],
  ],
  ['another external id', { statements: [condition({ 'sts:ExternalId': 'x' })] }, ['TARGET_EXTERNAL_ID']],
  [
    'another tag',
    { statements: [condition({ 'aws:RequestTag/kubernetes-namespace': 'ops' })] },
    ['TARGET_TAGS'],
  ],
  ['tags that are switched off', { annotations: { 'podrole.dev/session-tags': 'false' } }, ['TARGET_TAGS']],
  ['no TagSession', { statements: [{ ...OWN, Action: 'sts:AssumeRole' }] }, ['TARGET_WITHOUT_TAG_SESSION']],
  ['a condition of others', { statements: [condition({ 'aws:PrincipalArn': 'x' })] }, ['TARGET_CONDITION']],
  ['a Deny', { statements: [OWN, { ...OWN, Effect: 'Deny' }] }, ['TARGET_DENIES']],
  ['no policy for it', { policy: READ_POLICY }, [undefined, 'TARGET_NOT_ALLOWED']],
  [
    'a policy against it',
    { policy: { Statement: [ALLOWS.Statement, { ...ALLOWS.Statement, Effect: 'Deny' }] } },
    [undefined, 'TARGET_NOT_ALLOWED'],
  ],
  [
    'a whole account',
    { statements: [{ ...OWN, Principal: { AWS: '111122223333' }, Condition: {} }] },
    [undefined, 'TARGET_OPEN'],
  ],
  ['a malformed ARN', { annotations: { 'podrole.dev/target-role-arn': 'arn:x' } }, ['TARGET_MALFORMED']],
  [
    'a name, as the own role has it',
    { annotations: { 'podrole.dev/target-role-arn': 'reports', 'eks.amazonaws.com/role-arn': 'team/web' } },
    [undefined],
  ],
];
for (const [name, chain, codes] of CASES) {
  test(`target role: ${name}: ${codes.join(' ')}`, () => {
    const findings = target.judge(chainOf(chain));
    assert.deepEqual(
      findings.map(({ code }) => code),
      codes,
      JSON.stringify(findings),
    );
    for (const { state, remedy } of findings) assert.ok(state === 'ok' || state === 'unknown' || remedy);
  });
}

test('the remedy is a command that writes both policies', () => {
  const [finding] = target.judge(chainOf({ statements: [] }));
  assert.deepEqual(finding.remedy?.commands, [
    `podrole bind -n shop web --role-name web --target-role-arn ${TARGET} --cluster-name CLUSTER --approve`,
  ]);
});

test('a chain without a target role, or of a container, has no such link', () => {
  for (const chain of [{ annotations: { 'podrole.dev/target-role-arn': '' } }, { container: 'app' }])
    assert.deepEqual(judgeChain([{ ...target, needs: [] }], chainOf(chain)), []);
});
