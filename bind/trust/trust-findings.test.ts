import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeSubject } from './describe-subject.ts';
import { trustFindings } from './trust-findings.ts';

const ISSUER = 'https://oidc.example.com/one';
const SUB = 'oidc.example.com/one:sub';
const AUD = 'oidc.example.com/one:aud';
const WEB = { [SUB]: 'system:serviceaccount:shop:web' };
const STS = { [AUD]: 'sts.amazonaws.com' };
const ALLOW = {
  Effect: 'Allow',
  Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/one' },
  Action: 'sts:AssumeRoleWithWebIdentity',
};

const CASES: readonly (readonly [name: string, statement: object, findings: readonly string[]])[] = [
  ['exact', { ...ALLOW, Condition: { StringEquals: { ...WEB, ...STS } } }, []],
  ['no audience', { ...ALLOW, Condition: { StringEquals: WEB } }, ['NO_AUDIENCE']],
  ['no subject', { ...ALLOW, Condition: { StringEquals: STS } }, ['NO_SUBJECT']],
  ['no condition', ALLOW, ['NO_AUDIENCE', 'NO_SUBJECT']],
  [
    'only a negated subject',
    { ...ALLOW, Condition: { StringNotEquals: WEB, StringEquals: STS } },
    ['NO_SUBJECT'],
  ],
  [
    'a wildcard',
    { ...ALLOW, Condition: { StringLike: { [SUB]: 'system:serviceaccount:shop:*' }, StringEquals: STS } },
    ['WILDCARD_SUBJECT'],
  ],
  [
    'a wildcard under StringEquals',
    { ...ALLOW, Condition: { StringEquals: { [SUB]: 'system:serviceaccount:shop:*', ...STS } } },
    ['LITERAL_WILDCARD'],
  ],
  ...[
    'system:serviceaccount:',
    'system:serviceaccount:shop',
    'system:serviceaccount:shop:',
    'system:serviceaccount::web',
    'system:serviceaccount:shop:Web',
    'system:serviceaccount:shop:a..b',
    'system:serviceaccounts:shop',
    'shop:web',
    '',
  ].flatMap((subject) =>
    ['StringEquals', 'StringLike'].map(
      (operator) =>
        [
          `${operator} ${subject}, which no ServiceAccount has`,
          { ...ALLOW, Condition: { [operator]: { [SUB]: subject, ...STS } } },
          ['IMPOSSIBLE_SUBJECT'],
        ] as const,
    ),
  ),
  ...[
    'system:serviceaccount:Shop:*',
    'shop:*',
    'systems:*',
    'system:serviceaccount:shop:web:*',
    'system:serviceaccount:shop_?:web',
  ].map(
    (subject) =>
      [
        `a wildcard that no ServiceAccount is like: ${subject}`,
        { ...ALLOW, Condition: { StringLike: { [SUB]: subject }, StringEquals: STS } },
        ['IMPOSSIBLE_SUBJECT'],
      ] as const,
  ),
  [
    'one subject among those that nobody has',
    { ...ALLOW, Condition: { StringLike: { [SUB]: [WEB[SUB], 'system:serviceaccount:shop'], ...STS } } },
    ['IMPOSSIBLE_SUBJECT'],
  ],
  ...['StringEquals', 'StringLike'].flatMap((operator) =>
    [`system:serviceaccount:\${aws:PrincipalTag/team}:web`, `system:serviceaccount:shop:\${*}`].map(
      (subject) =>
        [
          `${operator} ${subject}, which has a variable`,
          { ...ALLOW, Condition: { [operator]: { [SUB]: subject, ...STS } } },
          ['UNREADABLE_STATEMENT'],
        ] as const,
    ),
  ),
  [
    'a subject in capitals, ignoring case',
    { ...ALLOW, Condition: { StringEqualsIgnoreCase: { [SUB]: WEB[SUB].toUpperCase() }, StringEquals: STS } },
    [],
  ],
  [
    'every audience',
    { ...ALLOW, Condition: { StringEquals: WEB, StringLike: { [AUD]: '*' } } },
    ['WILDCARD_AUDIENCE'],
  ],
  ['a wildcard of another service', { ...ALLOW, Action: 's3:*' }, []],
  [
    'keys in other case',
    { ...ALLOW, Condition: { StringEquals: { [SUB.toUpperCase()]: WEB[SUB], [AUD.toUpperCase()]: 'b' } } },
    [],
  ],
  ['every action', { ...ALLOW, Action: 'sts:*' }, ['NO_AUDIENCE', 'NO_SUBJECT']],
  [
    'a condition on the request alone',
    { ...ALLOW, Condition: { Bool: { 'aws:SecureTransport': true } } },
    ['NO_AUDIENCE', 'NO_SUBJECT'],
  ],
  [
    'a condition that is unknown here',
    { ...ALLOW, Condition: { StringEquals: { 'oidc.example.com/one:groups': 'ops' } } },
    ['UNREADABLE_STATEMENT'],
  ],
  ...['https://oidc.example.com/one:sub', `${ALLOW.Principal.Federated}:sub`, 'sub'].map(
    (key) =>
      [
        `the key ${key}`,
        { ...ALLOW, Condition: { StringEquals: { [key]: WEB[SUB], ...STS } } },
        ['MISSPELT_KEY'],
      ] as const,
  ),
  [
    'a misspelt key that need not exist',
    { ...ALLOW, Condition: { StringEqualsIfExists: { [`https://${SUB}`]: WEB[SUB] }, StringEquals: STS } },
    ['MISSPELT_KEY', 'NO_SUBJECT'],
  ],
  ['a Deny', { ...ALLOW, Effect: 'Deny' }, []],
  ['another action', { ...ALLOW, Action: 'sts:TagSession' }, []],
  [
    'another issuer',
    { ...ALLOW, Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/example.org' } },
    [],
  ],
];
for (const [name, statement, codes] of CASES) {
  test(`${name}: ${codes.join(', ') || 'nothing'}`, () => {
    const other = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const findings = trustFindings({ Statement: [other, statement] }, ISSUER);
    assert.deepEqual(
      findings.map(({ code }) => code),
      codes,
    );
    for (const finding of findings) assert.equal(finding.statement, 'Statement[1]');
  });
}

const SUBJECTS: readonly (readonly [pattern: string, said: string])[] = [
  ['system:serviceaccount:shop:web', 'system:serviceaccount:shop:web'],
  ['system:serviceaccount:shop:*', 'every ServiceAccount of namespace shop'],
  ['system:serviceaccount:*:web', 'ServiceAccount web of every namespace'],
  ['system:serviceaccount:shop-?:web-*', 'every ServiceAccount like web-* of every namespace like shop-?'],
  ['system:serviceaccount:*:*', 'every ServiceAccount of the cluster'],
  ['system:serviceaccount:*', 'every ServiceAccount of the cluster'],
  ['*', 'every ServiceAccount of the cluster'],
  ['**', 'every ServiceAccount of the cluster'],
  ['system:*', 'every ServiceAccount of the cluster'],
  ['system:serviceaccount*', 'every ServiceAccount of the cluster'],
  ['system:serviceaccount:?*', 'every ServiceAccount of the cluster'],
  ['system:serviceaccount:**:**', 'every ServiceAccount of the cluster'],
  ['system:serviceaccount:*:?*', 'every ServiceAccount of the cluster'],
  ['*:*:*:*', 'every ServiceAccount of the cluster'],
  ['system:serviceaccount:shop:??', 'every ServiceAccount like ?? of namespace shop'],
  ['system:serviceaccount:shop*', 'every ServiceAccount whose subject is like system:serviceaccount:shop*'],
  ['*:web', 'every ServiceAccount whose subject is like *:web'],
];
for (const [pattern, said] of SUBJECTS)
  test(`${pattern} is ${said}`, () => assert.equal(describeSubject(pattern), said));
