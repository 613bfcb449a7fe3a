import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIST_CONTEXT } from '../../testing/bind/list-context.ts';
import { entryStatement } from '../trust/trust-statement.ts';
import { isHealthy } from './binding-row.ts';
import { joinServiceAccounts, type ListContext } from './join-bindings.ts';

const ISSUER = 'https://oidc.example.com/one';
const PROVIDER = 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/one';
const KEY = 'oidc.example.com/one';
const ROLE = 'arn:aws:iam::111122223333:role/web';
const SUBJECT = 'system:serviceaccount:shop:web';

const exact = entryStatement({
  providerArn: PROVIDER,
  issuer: ISSUER,
  subject: SUBJECT,
  isPattern: false,
  audience: 'sts.amazonaws.com',
});

function allow(condition: object, federated = PROVIDER): object {
  const Principal = { Federated: federated };
  return { Effect: 'Allow', Principal, Action: 'sts:AssumeRoleWithWebIdentity', Condition: condition };
}

const AUD = { [`${KEY}:aud`]: 'sts.amazonaws.com' };
const other = allow(
  { StringEquals: { 'other.example.com:sub': SUBJECT, 'other.example.com:aud': 'sts.amazonaws.com' } },
  'arn:aws:iam::111122223333:oidc-provider/other.example.com',
);

/** Trust policies of the role that shop/web is annotated with, and what is said of them. */
const TRUST: readonly (readonly [name: string, statements: unknown, expected: RegExp])[] = [
  ['as podrole writes it', [exact], /^bound: $/],
  ['one statement, no list', exact, /^bound: $/],
  [
    'written otherwise, to the same effect',
    [allow({ StringLike: { [`${KEY}:SUB`]: [SUBJECT] }, 'ForAnyValue:StringEquals': AUD })],
    /^bound: $/,
  ],
  ['shared with another cluster', [other, exact], /^bound: $/],
  [
    'another ServiceAccount',
    [allow({ StringEquals: { [`${KEY}:sub`]: 'system:serviceaccount:shop:api', ...AUD } })],
    /^drifted: StringEquals .*expected "system:serviceaccount:shop:api", actual "system:serviceaccount:shop:web"/,
  ],
  [
    'another audience',
    [allow({ StringEquals: { [`${KEY}:sub`]: SUBJECT, [`${KEY}:aud`]: 'vault' } })],
    /^drifted: .*expected "vault", actual "sts.amazonaws.com"$/,
  ],
  ['denied', [exact, { ...exact, Sid: 'No', Effect: 'Deny' }], /^drifted: denied by No$/],
  ['nobody', [], /^drifted: trusts no issuer/],
  ['no JSON', undefined, /^drifted: trusts no issuer/],
  ['another issuer alone', [other], /^foreign issuer: trusts https:\/\/other.example.com$/],
  [
    'a pattern',
    [allow({ StringLike: { [`${KEY}:sub`]: 'system:serviceaccount:shop:*' }, StringEquals: AUD })],
    /^wildcard: Statement\[0\] lets in every ServiceAccount of namespace shop$/,
  ],
  ['no subject', [allow({ StringEquals: AUD })], /^wildcard: Statement\[0\] has no condition on .*:sub/],
  [
    'no audience',
    [allow({ StringEquals: { [`${KEY}:sub`]: SUBJECT } })],
    /^wildcard: .* no condition on .*:aud/,
  ],
  [
    'exact, but a pattern besides',
    [exact, allow({ StringLike: { [`${KEY}:sub`]: '*' }, StringEquals: AUD })],
    /^wildcard: Statement\[1\] lets in every ServiceAccount of the cluster$/,
  ],
  [
    'a wildcard under StringEquals',
    [exact, allow({ StringEquals: { [`${KEY}:sub`]: 'system:serviceaccount:*:web', ...AUD } })],
    /^bound: Statement\[1\] lets nobody in by/,
  ],
  [
    'everybody, by another action',
    [exact, { ...exact, Principal: '*', Action: 'sts:AssumeRole' }],
    /^bound: $/,
  ],
  [
    'every provider',
    [exact, { ...exact, Principal: '*' }],
    /^wildcard: a statement names no provider: tokens of every issuer/,
  ],
  [
    'a Deny that is not understood',
    [exact, { ...allow({ Bool: { 'aws:SecureTransport': 'false' } }), Effect: 'Deny' }],
    /^bound: $/,
  ],
  [
    'a Deny by source address',
    [exact, { ...allow({ NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }), Effect: 'Deny' }],
    /^restricted: Statement\[1\] may deny it: NotIpAddress aws:SourceIp: expected "203.0.113.0\/24", which cannot/,
  ],
  [
    'a Deny that nobody understands',
    [exact, { ...allow({ NoOperator: { x: 'y' } }), Effect: 'Deny', Sid: 'Odd' }],
    /^restricted: Odd may deny it: it has elements that podrole does not know; Statement\[1\]/,
  ],
  [
    'an Allow that nobody understands',
    [allow({ StringEquals: { [`${KEY}:sub`]: SUBJECT, [`${KEY}:groups`]: 'ops' } })],
    /^restricted: Statement\[0\] lets it in under conditions: it has elements .*; Statement\[0\] has elements/,
  ],
  [
    'an Allow for others that nobody understands',
    [allow({ StringEquals: { [`${KEY}:sub`]: `${SUBJECT}2`, [`${KEY}:groups`]: 'ops' } })],
    /^drifted: Statement\[0\] \(Allow\) does not match: it is about other tokens/,
  ],
  [
    'from one network alone',
    [allow({ StringEquals: { [`${KEY}:sub`]: SUBJECT, ...AUD, 'aws:SourceVpc': 'vpc-1' } })],
    /^restricted: Statement\[0\] lets it in under conditions: StringEquals aws:SourceVpc: expected "vpc-1", which cannot/,
  ],
  [
    'from one network, and from everywhere',
    [allow({ StringEquals: { [`${KEY}:sub`]: SUBJECT, ...AUD, 'aws:SourceVpc': 'vpc-1' } }), exact],
    /^bound: $/,
  ],
  [
    'from one network, by a pattern',
    [allow({ StringLike: { [`${KEY}:sub`]: '*' }, StringEquals: { ...AUD, 'aws:SourceVpc': 'vpc-1' } })],
    /^wildcard: Statement\[0\] lets in every ServiceAccount of the cluster; Statement\[0\] lets it in under/,
  ],
  [
    'for a time that has come',
    [
      allow({
        StringEquals: { [`${KEY}:sub`]: SUBJECT, ...AUD },
        DateLessThan: { 'aws:CurrentTime': '2030-01-01' },
      }),
    ],
    /^bound: $/,
  ],
  [
    'for a time that is over',
    [
      allow({
        StringEquals: { [`${KEY}:sub`]: SUBJECT, ...AUD },
        DateLessThan: { 'aws:CurrentTime': '2020-01-01' },
      }),
    ],
    /^drifted: DateLessThan aws:CurrentTime: expected "2020-01-01", actual "2026-08-01T12:00:00.000Z"$/,
  ],
  [
    'by NotPrincipal',
    [exact, { Effect: 'Deny', NotPrincipal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'sts:*' }],
    /^restricted: Statement\[1\] may deny it: its NotPrincipal cannot be checked here$/,
  ],
];

for (const [name, Statement, expected] of TRUST) {
  test(`trust policy: ${name}`, () => {
    const trustPolicy = Statement === undefined ? undefined : { Version: '2012-10-17', Statement };
    const [row] = join({ 'eks.amazonaws.com/role-arn': ROLE }, trustPolicy);
    const line = `${row?.state}: ${row?.details.join('; ')}`;
    assert.match(line, expected);
    assert.equal(row && isHealthy(row), /^(?:bound|restricted)/.test(line));
  });
}

test('the audience is that of the annotation', () => {
  const trustPolicy = {
    Statement: [allow({ StringEquals: { [`${KEY}:sub`]: SUBJECT, [`${KEY}:aud`]: 'vault' } })],
  };
  const annotations = { 'eks.amazonaws.com/role-arn': ROLE, 'eks.amazonaws.com/audience': 'vault' };
  assert.equal(join(annotations, trustPolicy, { clientIds: ['vault'] })[0]?.state, 'bound');
  assert.equal(join(annotations, trustPolicy)[0]?.state, 'drifted');
});

const ANNOTATIONS: readonly (readonly [arn: string | undefined, state: string, isHealthy: boolean])[] = [
  [undefined, 'unbound', true],
  ['arn:aws:iam::111122223333:role/gone', 'no role', false],
  ['arn:aws:iam::111122223333:role/path/web', 'no role', false],
  ['web', 'no role', false],
  ['arn:aws:iam::444455556666:role/web', 'other account', true],
];

for (const [arn, state, healthy] of ANNOTATIONS) {
  test(`annotated with ${arn}: ${state}`, () => {
    const [row] = join(arn === undefined ? {} : { 'eks.amazonaws.com/role-arn': arn }, {
      Statement: [exact],
    });
    assert.equal(row?.state, state);
    assert.equal(row && isHealthy(row), healthy);
    assert.equal(row?.roleArn, arn);
  });
}

test('each container with a role of its own has a row, judged with its audience and the client IDs', () => {
  const annotations = {
    'eks.amazonaws.com/role-arn': ROLE,
    'podrole.dev/container-roles': `logs=${ROLE},proxy=${ROLE}2,broken=web`,
  };
  const audience = 'sts.amazonaws.com/logs';
  const entry = { providerArn: PROVIDER, issuer: ISSUER, subject: SUBJECT, isPattern: false, audience };
  const policy = { Statement: [exact, entryStatement({ ...entry, container: 'logs' })] };
  const linesWith = (clientIds: ListContext['clientIds'], trustPolicy: object) =>
    join(annotations, trustPolicy, { clientIds }).map(
      ({ container = '-', state, details }) => `${container} ${state}: ${details.join('; ')}`,
    );
  const broken = 'broken no role: its entry of the annotation is not the ARN of a role';
  const proxy = 'proxy no role: IAM has no such role';
  assert.deepEqual(linesWith(['sts.amazonaws.com', audience], policy), [
    '- bound: ',
    'logs bound: ',
    proxy,
    broken,
  ]);
  assert.deepEqual(linesWith(['sts.amazonaws.com'], policy), [
    '- bound: ',
    `logs drifted: the OIDC provider for ${ISSUER} has no client ID ${audience}`,
    proxy,
    broken,
  ]);
  assert.match(
    linesWith(['sts.amazonaws.com', audience], { Statement: [exact] })[1] ?? '',
    /^logs drifted: StringEquals .*:aud: expected "sts.amazonaws.com", actual "sts.amazonaws.com\/logs"$/,
  );
  assert.match(linesWith('no provider', policy)[0] ?? '', /^- drifted: IAM has no OIDC provider for https/);
  assert.equal(linesWith('unknown', policy)[1], 'logs bound: ');
});

test('a list of containers that is not clear gives no role', () => {
  const rows = join({ 'eks.amazonaws.com/role-arn': ROLE, 'podrole.dev/container-roles': 'logs' }, {});
  assert.deepEqual(
    rows.map(({ state, roleArn }) => [state, roleArn]),
    [['no role', ROLE]],
  );
  assert.match(rows[0]?.details[0] ?? '', /container-roles gives the pod no role at all/);
});

test('a role name is compared after it is completed', () => {
  const composition = { composeRoleArn: true, accountId: '111122223333', partition: 'aws' };
  for (const [given, context, state] of [
    ['web', composition, 'bound'],
    ['/web', composition, 'bound'],
    ['team/web', composition, 'no role'],
    ['web', { ...composition, accountId: '444455556666' }, 'other account'],
    ['web', {}, 'no role'],
  ] as const) {
    const [row] = join({ 'eks.amazonaws.com/role-arn': given }, { Statement: [exact] }, context);
    assert.equal(row?.state, state, given);
  }
});

test('a role of the same name under another path is named', () => {
  const [row] = join({ 'eks.amazonaws.com/role-arn': ROLE.replace('web', 'team/web') }, {});
  assert.deepEqual(row?.details, ['IAM has no such role', `the role of that name is ${ROLE}`]);
});

test('two ServiceAccounts that share a role have a row each', () => {
  const entry = { providerArn: PROVIDER, issuer: ISSUER, isPattern: false, audience: 'sts.amazonaws.com' };
  const trustPolicy = {
    Statement: ['web', 'api'].map((name) =>
      entryStatement({ ...entry, subject: `system:serviceaccount:shop:${name}` }),
    ),
  };
  const annotations = { 'eks.amazonaws.com/role-arn': ROLE };
  const accounts = ['web', 'api', 'old'].map((name) => ({ namespace: 'shop', name, annotations }));
  const rows = joinServiceAccounts(
    accounts,
    [{ arn: ROLE, name: 'web', path: '/', trustPolicy }],
    LIST_CONTEXT,
  );
  assert.deepEqual(
    rows.map(({ serviceAccount, state }) => `${serviceAccount} ${state}`),
    ['web bound', 'api bound', 'old drifted'],
  );
});

function join(
  annotations: Readonly<Record<string, string>>,
  trustPolicy: unknown,
  context: Partial<ListContext> = {},
) {
  const roles = [{ arn: ROLE, name: 'web', path: '/', trustPolicy }];
  return joinServiceAccounts([{ namespace: 'shop', name: 'web', annotations }], roles, {
    ...LIST_CONTEXT,
    ...context,
  });
}
