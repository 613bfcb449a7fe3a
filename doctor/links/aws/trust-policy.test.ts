import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../../../testing/cost/step-count.ts';
import {
  awsChain,
  CHAIN_ACCOUNT,
  CHAIN_CONDITION,
  CHAIN_KEY,
  CHAIN_PROVIDER,
  CHAIN_ROLE,
  CHAIN_SUBJECT,
  chainCall,
  chainRole,
  chainStatement,
  DENIED,
} from '../../../testing/doctor/aws-chain.ts';
import { ABSENT, read } from '../../../testing/doctor/reading.ts';
import { REFUSING_POLICIES } from '../../../testing/doctor/trust-cases.ts';
import { trustPolicy } from './trust-policy.ts';

const SUB = `${CHAIN_KEY}:sub`;
const AUD = `${CHAIN_KEY}:aud`;
const STS = { [AUD]: 'sts.amazonaws.com' };

function judge(statements: unknown, changes: Parameters<typeof awsChain>[0] = {}) {
  const policy = { Version: '2012-10-17', Statement: statements };
  const role = read(chainRole({ trustPolicy: policy }));
  return trustPolicy.judge(awsChain({ ...changes, aws: { role, ...changes.aws } }));
}

const BIND = `podrole bind -n shop web --attach-role-arn ${CHAIN_ROLE} --approve`;

const FLAGS: Readonly<Record<string, string>> = {
  TRUST_POLICY_CONDITION_FAILED: '--widen-trust ',
  TRUST_POLICY_WRONG_AUDIENCE: '--token-audience sts.amazonaws.com ',
};

for (const [name, statements, code] of REFUSING_POLICIES) {
  test(`refuses, ${name}: ${code}`, () => {
    const [finding, ...more] = judge(statements);
    assert.deepEqual([finding.state, finding.code], ['broken', code], JSON.stringify(finding));
    const flags = FLAGS[code] ?? '';
    assert.deepEqual(finding.remedy?.commands, [BIND.replace('--approve', `${flags}--approve`)]);
    assert.match(finding.expected, /lets in system:serviceaccount:shop:web with audience sts.amazonaws.com/);
    assert.equal(more.length, 0);
  });
}

test('statement, condition, expected and actual are named', () => {
  const Condition = { StringEquals: { [SUB]: 'system:serviceaccount:stage:web', ...STS } };
  const [{ found, details }] = judge([chainStatement({ Sid: 'Stage', Condition })]);
  assert.equal(
    found,
    `has a trust policy that does not let in the token: Stage wants the subject system:serviceaccount:stage:web, the token has ${CHAIN_SUBJECT}: another namespace`,
  );
  assert.deepEqual(details, [
    `Stage: StringEquals ${SUB}: expected "system:serviceaccount:stage:web", actual "${CHAIN_SUBJECT}"`,
  ]);
});

const EXTERNAL_IDS: readonly (readonly [operator: string, verdict: string, expected?: string])[] = [
  ['Null', 'broken TRUST_POLICY_EXTERNAL_ID', 'false'],
  ['StringEquals', 'broken TRUST_POLICY_EXTERNAL_ID'],
  ['StringLike', 'broken TRUST_POLICY_EXTERNAL_ID'],
  ['StringEqualsIgnoreCase', 'broken TRUST_POLICY_EXTERNAL_ID'],
  ['ForAnyValue:StringEquals', 'broken TRUST_POLICY_EXTERNAL_ID'],
  ['StringEqualsIfExists', 'warning TRUST_POLICY_UNCHECKED'],
  ['StringNotEquals', 'warning TRUST_POLICY_UNCHECKED'],
  ['ForAllValues:StringEquals', 'warning TRUST_POLICY_UNCHECKED'],
  ['Null', 'warning TRUST_POLICY_UNCHECKED', 'true'],
];
for (const [operator, verdict, expected = 'shop'] of EXTERNAL_IDS) {
  test(`an external ID under ${operator}, ${expected}: ${verdict}`, () => {
    const wanted = { [operator]: { 'sts:externalID': expected } };
    const Condition =
      operator === 'StringEquals'
        ? { StringEquals: { ...CHAIN_CONDITION.StringEquals, 'sts:externalID': expected } }
        : { ...CHAIN_CONDITION, ...wanted };
    const [{ state, code, remedy }] = judge([chainStatement({ Condition })]);
    assert.equal(`${state} ${code}`, verdict);
    if (state === 'broken')
      assert.deepEqual(remedy?.commands, [BIND.replace('--approve', '--widen-trust --approve')]);
  });
}

test('an external ID that another statement does not demand', () => {
  const Condition = { StringEquals: { ...CHAIN_CONDITION.StringEquals, 'sts:ExternalId': 'shop' } };
  const [{ state }] = judge([chainStatement({ Condition }), chainStatement()]);
  assert.equal(state, 'ok');
});

const DENY = chainStatement({
  Sid: 'Stop',
  Effect: 'Deny',
  Condition: { StringLike: { [SUB]: '*:shop:*' } },
});

test('a Deny: the command leaves the other statements', () => {
  const [finding] = judge([DENY, chainStatement()]);
  assert.deepEqual([finding.state, finding.code], ['broken', 'TRUST_POLICY_DENIES']);
  assert.match(finding.found, /by Stop$/);
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [chainStatement()] });
  const command = `aws iam update-assume-role-policy --role-name web --policy-document '${document}'`;
  assert.deepEqual(finding.remedy?.commands, [command]);
});

test('a policy that is not JSON, or has no statement', () => {
  for (const policy of [null, 'text', {}, { Statement: [] }, []]) {
    const role = read(chainRole({ trustPolicy: policy }));
    const [finding] = trustPolicy.judge(awsChain({ aws: { role } }));
    assert.equal(finding.code, 'TRUST_POLICY_UNREADABLE');
    assert.match(finding.remedy?.commands[0] ?? '', /^aws iam update-assume-role-policy .*Podrole/);
  }
});

/** Statements that let in the token, with the warnings about them. */
const OPEN: readonly (readonly [name: string, statements: readonly object[], codes: readonly string[]])[] = [
  ['exact', [chainStatement()], []],
  [
    'exact, among others',
    [chainStatement({ Principal: { Federated: 'arn:aws:iam::1:oidc-provider/a' } }), chainStatement()],
    [],
  ],
  [
    'several subjects',
    [
      chainStatement({
        Condition: { StringEquals: { [SUB]: [CHAIN_SUBJECT, 'system:serviceaccount:a:b'], ...STS } },
      }),
    ],
    [],
  ],
  [
    'a Deny of others',
    [
      chainStatement(),
      chainStatement({ Effect: 'Deny', Condition: { StringEquals: { [SUB]: 'system:serviceaccount:a:b' } } }),
    ],
    [],
  ],
  ['no subject', [chainStatement({ Condition: { StringEquals: STS } })], ['TRUST_POLICY_NO_SUBJECT']],
  [
    'no audience',
    [chainStatement({ Condition: { StringEquals: { [SUB]: CHAIN_SUBJECT } } })],
    ['TRUST_POLICY_NO_AUDIENCE'],
  ],
  [
    'neither',
    [chainStatement({ Condition: undefined })],
    ['TRUST_POLICY_NO_SUBJECT', 'TRUST_POLICY_NO_AUDIENCE'],
  ],
  [
    'a namespace',
    [
      chainStatement({
        Condition: { StringLike: { [SUB]: 'system:serviceaccount:shop:*' }, StringEquals: STS },
      }),
    ],
    ['TRUST_POLICY_WILDCARD'],
  ],
  [
    'every audience',
    [chainStatement({ Condition: { StringEquals: { [SUB]: CHAIN_SUBJECT }, StringLike: { [AUD]: '*' } } })],
    ['TRUST_POLICY_WILDCARD'],
  ],
  ['every provider', [chainStatement({ Principal: '*' })], ['TRUST_POLICY_ANY_ISSUER']],
  [
    'a source address',
    [chainStatement({ Condition: { ...CHAIN_CONDITION, IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } })],
    ['TRUST_POLICY_UNCHECKED'],
  ],
  [
    'a VPC and no subject',
    [chainStatement({ Condition: { StringEquals: { ...STS, 'aws:SourceVpc': 'vpc-1' } } })],
    ['TRUST_POLICY_UNCHECKED', 'TRUST_POLICY_NO_SUBJECT'],
  ],
  [
    'a Deny that may hold',
    [
      chainStatement(),
      chainStatement({ Effect: 'Deny', Condition: { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } }),
    ],
    ['TRUST_POLICY_UNCHECKED'],
  ],
  ['an element that is not known', [{ ...chainStatement(), Later: true }], ['TRUST_POLICY_UNCHECKED']],
];
for (const [name, statements, codes] of OPEN) {
  test(`lets in, ${name}: ${codes.join(', ') || 'ok'}`, () => {
    const found = judge(statements);
    assert.deepEqual(
      found.map(({ code }) => code ?? 'ok'),
      codes.length > 0 ? codes : ['ok'],
      JSON.stringify(found),
    );
    assert.ok(found.every(({ state }) => state === (codes.length > 0 ? 'warning' : 'ok')));
  });
}

test('the command adds the missing conditions, and nothing else changes', () => {
  const other = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const open = chainStatement({ Condition: { StringEquals: { [SUB]: CHAIN_SUBJECT } } });
  const [finding] = judge([other, open]);
  const [command = ''] = finding.remedy?.commands ?? [];
  const document = JSON.parse(command.replace(/^.*--policy-document '(.*)'$/, '$1'));
  assert.deepEqual(document, { Version: '2012-10-17', Statement: [other, chainStatement()] });
});

test('a condition that cannot be checked: the live call is a witness', () => {
  const Condition = { ...CHAIN_CONDITION, StringEqualsIfExists: { 'aws:SourceVpc': 'vpc-1' } };
  const refused = { kind: 'refused', status: 403, code: 'AccessDenied', said: 'no' } as const;
  const [worked] = judge([chainStatement({ Condition })]);
  const [failed] = judge([chainStatement({ Condition })], {
    aws: { exchange: read(chainCall({ outcome: refused })) },
  });
  assert.match(worked.remedy?.text ?? '', /^nothing, if/);
  assert.match(failed.remedy?.text ?? '', /^check that/);
  assert.match(worked.details.join(), /aws:SourceVpc: expected "vpc-1", which cannot be checked here/);
});

test('a policy over the usual quota', () => {
  const role = read(chainRole({ trustPolicyLength: 2_049 }));
  assert.equal(trustPolicy.judge(awsChain({ aws: { role } }))[0].code, 'TRUST_POLICY_LONG');
});

test('time is that of the facts', () => {
  const Condition = { ...CHAIN_CONDITION, DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } };
  const late = { chain: { collectedAt: '2027-06-01T00:00:00Z' } };
  assert.equal(judge([chainStatement({ Condition })])[0].state, 'ok');
  assert.equal(judge([chainStatement({ Condition })], late)[0].code, 'TRUST_POLICY_CONDITION_FAILED');
});

test('an audience of its own, for a container', () => {
  const grant = { roleArn: CHAIN_ROLE, audience: 'sts.amazonaws.com/fluentd' };
  const [finding] = judge([chainStatement()], { chain: { grant, container: 'fluentd' } });
  assert.equal(finding.code, 'TRUST_POLICY_WRONG_AUDIENCE');
  const command = BIND.replace('web ', 'web --container fluentd ');
  const flag = '--token-audience sts.amazonaws.com --approve';
  assert.deepEqual(finding.remedy?.commands, [command.replace('--approve', flag)]);
});

test('what cannot be read is unknown', () => {
  const NOT = { state: 'not asked', why: 'elsewhere' } as const;
  const account = read({ accountId: '999999999999', partition: 'aws' });
  for (const aws of [{ role: DENIED }, { role: ABSENT }, { role: NOT, account }])
    assert.equal(trustPolicy.judge(awsChain({ aws }))[0].state, 'unknown');
  assert.equal(trustPolicy.judge(awsChain({ cluster: { token: NOT } }))[0].state, 'unknown');
  assert.equal(trustPolicy.judge(awsChain({ chain: { grant: undefined } }))[0].state, 'unknown');
  assert.equal(CHAIN_PROVIDER.includes(CHAIN_ACCOUNT), true);
});

test('a long policy of a hostile server costs linear work, and few lines', async () => {
  const statements = (count: number) =>
    Array.from({ length: count }, () => chainStatement({ Condition: { StringEquals: { [SUB]: 'x' } } }));
  await assertLinear((count) => {
    const given = statements(count);
    return () => judge(given);
  });
  const [finding] = judge(statements(2_000));
  assert.ok(finding.details.length <= 20);
});
