import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryStatement } from '../trust/trust-statement.ts';
import { isHealthy } from './binding-row.ts';
import { joinServiceAccounts } from './join-bindings.ts';

const ISSUER = 'https://oidc.example.com/one';
const PROVIDER = 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/one';
const KEY = 'oidc.example.com/one';
const ROLE = 'arn:aws:iam::111122223333:role/web';
const SUBJECT = 'system:serviceaccount:shop:web';
const CONTEXT = { issuer: ISSUER, audience: 'sts.amazonaws.com', annotationPrefix: 'eks.amazonaws.com' };

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
    /^bound: .*ignored, because podrole cannot read them: 1 of 2 statements/,
  ],
  [
    'what is not understood',
    [allow({ DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' } }), other],
    /^drifted: .*; ignored, because podrole cannot read them: 1 of 2 statements/,
  ],
];

for (const [name, Statement, expected] of TRUST) {
  test(`trust policy: ${name}`, () => {
    const trustPolicy = Statement === undefined ? undefined : { Version: '2012-10-17', Statement };
    const [row] = join({ 'eks.amazonaws.com/role-arn': ROLE }, trustPolicy);
    const line = `${row?.state}: ${row?.details.join('; ')}`;
    assert.match(line, expected);
    assert.equal(row && isHealthy(row), /^bound/.test(line));
  });
}

test('the audience is that of the annotation', () => {
  const trustPolicy = {
    Statement: [allow({ StringEquals: { [`${KEY}:sub`]: SUBJECT, [`${KEY}:aud`]: 'vault' } })],
  };
  const annotations = { 'eks.amazonaws.com/role-arn': ROLE, 'eks.amazonaws.com/audience': 'vault' };
  assert.equal(join(annotations, trustPolicy)[0]?.state, 'bound');
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

function join(annotations: Readonly<Record<string, string>>, trustPolicy: unknown) {
  const roles = [{ arn: ROLE, name: 'web', path: '/', trustPolicy }];
  return joinServiceAccounts([{ namespace: 'shop', name: 'web', annotations }], roles, CONTEXT);
}
