import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  awsChain,
  CHAIN_ACCOUNT,
  CHAIN_ROLE,
  type ChainChanges,
  chainCall,
  chainPod,
  DENIED,
} from '../../../testing/doctor/aws-chain.ts';
import { read } from '../../../testing/doctor/reading.ts';
import type { ExchangeFacts } from '../../facts/aws-facts.ts';
import { exchange } from './exchange.ts';

const calling = (call: Partial<ExchangeFacts>, changes: ChainChanges = {}) =>
  exchange.judge(awsChain({ ...changes, aws: { exchange: read(chainCall(call)), ...changes.aws } }));
const refused = (status: number, code: string, changes?: ChainChanges) =>
  calling({ outcome: { kind: 'refused', status, code, said: 'words of STS', requestId: 'r-1' } }, changes);

const REFUSALS: readonly (readonly [status: number, code: string, finding: string | undefined])[] = [
  [400, 'InvalidIdentityToken', 'STS_TOKEN_REFUSED'],
  [400, 'InvalidIdentityTokenException', 'STS_TOKEN_REFUSED'],
  [400, 'ExpiredTokenException', 'STS_TOKEN_EXPIRED'],
  [400, 'ExpiredToken', 'STS_TOKEN_EXPIRED'],
  [400, 'IDPCommunicationError', 'STS_CANNOT_REACH_ISSUER'],
  [403, 'AccessDenied', 'STS_ACCESS_DENIED'],
  [403, 'SomethingNew', 'STS_ACCESS_DENIED'],
  [400, 'ValidationError', 'STS_INVALID_REQUEST'],
  [403, 'RegionDisabledException', 'STS_REGION_DISABLED'],
  [400, 'PackedPolicyTooLarge', 'STS_REFUSED'],
  [403, '', 'STS_ANSWER_UNKNOWN'],
  [200, '', 'STS_ANSWER_UNKNOWN'],
  [404, '', 'STS_ANSWER_UNKNOWN'],
  [400, 'Throttling', undefined],
  [500, 'InternalFailure', undefined],
  [503, '', undefined],
  [429, 'SlowDown', undefined],
];
for (const [status, code, expected] of REFUSALS) {
  test(`refused with ${status} ${code || 'no code'}: ${expected ?? 'unknown'}`, () => {
    const [finding, ...more] = refused(status, code);
    assert.deepEqual([finding.state, finding.code], [expected ? 'broken' : 'unknown', expected]);
    assert.ok(finding.remedy && finding.remedy.text !== '');
    if (expected) assert.match(finding.details[0] ?? '', /^HTTP \d+ .*: words of STS, request r-1$/);
    assert.equal(more.length, 0);
  });
}

test('refused, and provider or role could not be read: the remedy makes them right', () => {
  const [token] = refused(400, 'InvalidIdentityToken', { aws: { provider: DENIED } });
  assert.deepEqual(token.remedy?.commands, [
    'podrole provider ensure --issuer https://oidc.example.test/one --approve',
  ]);
  const [role] = refused(403, 'AccessDenied', { aws: { role: DENIED } });
  assert.deepEqual(role.remedy?.commands, [
    `podrole bind -n shop web --attach-role-arn ${CHAIN_ROLE} --approve`,
  ]);
});

const UNREACHABLE: readonly (readonly [
  reason: Extract<ExchangeFacts['outcome'], { kind: 'unreachable' }>['reason'],
  endpoint: string,
  code: string | undefined,
])[] = [
  ['dns', 'https://sts.eu-central-9.amazonaws.com/', 'STS_UNREACHABLE'],
  ['dns', 'http://sts.podrole.svc:8080/', undefined],
  ['dns', 'http://sts.podrole.svc.cluster.local/', undefined],
  ['dns', 'http://sts/', undefined],
  ['refused', 'https://sts.eu-central-1.amazonaws.com/', 'STS_UNREACHABLE'],
  ['timeout', 'https://sts.eu-central-1.amazonaws.com/', 'STS_UNREACHABLE'],
  ['other', 'https://sts.eu-central-1.amazonaws.com/', 'STS_UNREACHABLE'],
  ['certificate', 'https://sts.internal.example/', 'STS_CERTIFICATE_UNTRUSTED'],
  ['proxy', 'https://sts.eu-central-1.amazonaws.com/', 'STS_PROXY_FAILED'],
];
for (const [reason, endpoint, code] of UNREACHABLE) {
  test(`${endpoint} fails by ${reason}: ${code ?? 'unknown'}`, () => {
    const [finding] = calling({ endpoint, outcome: { kind: 'unreachable', reason, said: 'no' } });
    assert.deepEqual([finding.state, finding.code], [code ? 'broken' : 'unknown', code]);
  });
}

test('a proxy that may be needed', () => {
  const outcome = { kind: 'unreachable', reason: 'timeout', said: 'no answer within 10 s' } as const;
  const withPod = (pod: ReturnType<typeof chainPod>) =>
    calling({ outcome }, { cluster: { pod: read(pod) } })[0].details.join('\n');
  assert.match(withPod(chainPod()), /neither the pod nor this machine has a proxy/);
  assert.match(withPod(chainPod([{ name: 'https_proxy', value: 'http://p:1' }])), /set HTTPS_PROXY here/);
  assert.doesNotMatch(withPod(chainPod([], true)), /proxy/);
});

test('a proxy of this machine that the pod does not have', () => {
  const isProxied = true;
  const codes = (pod?: ReturnType<typeof chainPod>) =>
    calling({ isProxied }, pod && { cluster: { pod: read(pod) } }).map(({ code }) => code);
  assert.deepEqual(codes(chainPod()), ['STS_PROXY_NOT_IN_POD']);
  assert.deepEqual(codes(chainPod([{ name: 'HTTPS_PROXY' }])), [undefined]);
  assert.deepEqual(codes(), [undefined]);
});

const session = (assumedRoleArn: string) =>
  calling({ outcome: { kind: 'session', assumedRoleArn, expiresAt: '' } })[0];

test('the session is of the role', () => {
  const right = [
    `arn:aws:sts::${CHAIN_ACCOUNT}:assumed-role/web/s`,
    `arn:aws:sts::${CHAIN_ACCOUNT}:assumed-role/team/web/s`,
    '',
  ];
  for (const arn of right) assert.equal(session(arn).state, 'ok', arn);
  const wrong = [`arn:aws:sts::${CHAIN_ACCOUNT}:assumed-role/api/s`, 'arn:aws:sts::9:assumed-role/web/s'];
  for (const arn of wrong) assert.equal(session(arn).code, 'STS_OTHER_ROLE', arn);
});

test('clocks that differ from that of STS', () => {
  const skewed = (ofSts: number, ofApiServer: number) =>
    calling({ clockSkewSeconds: ofSts }, { cluster: { clockSkewSeconds: read(ofApiServer) } });
  assert.equal(skewed(299, 0)[0].state, 'ok');
  assert.deepEqual(
    skewed(0, -3_600).map(({ code, found }) => [code, found]),
    [['STS_CLOCK_SKEW', 'is 3600 s behind that of STS']],
  );
  assert.deepEqual(
    skewed(-900, -900).map(({ object, found }) => [object, found]),
    [['clock of this machine', 'is 900 s ahead of that of STS']],
  );
  assert.equal(skewed(900, 0).length, 2);
});

test('an expired token, and the clock that explains it', () => {
  const [{ details }] = refused(400, 'ExpiredTokenException', {
    cluster: { clockSkewSeconds: read(-90_000) },
  });
  assert.match(details.join('\n'), /clock of the API server: is 90000 s behind that of STS/);
});

test('what was not asked is unknown', () => {
  for (const reading of [
    DENIED,
    { state: 'not asked', why: 'no token' },
    { state: 'failed', said: 'x' },
  ] as const)
    assert.equal(exchange.judge(awsChain({ aws: { exchange: reading } }))[0].state, 'unknown');
  assert.equal(exchange.judge(awsChain({ chain: { grant: undefined } }))[0].state, 'unknown');
});
