import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import {
  answerXml,
  PEER_SECRETS,
  stsErrorXml,
  targetCredentialsXml,
  useStsPeer,
} from '../../testing/aws/sts-peer.ts';
import { ExchangeError } from '../exchange/exchange-error.ts';
import type { Session } from '../session.ts';
import { assumeTarget, type TargetSurroundings } from './assume-target.ts';
import type { TargetRole } from './target-role.ts';

const peer = await useStsPeer();

const BASE: Session = {
  accessKeyId: 'ASIABASEEXAMPLE',
  secretAccessKey: 'base/secret+key/of/a/session/1234567890',
  sessionToken: 'base//token==',
  expiration: new Date(Date.now() + 3_600_000),
  obtainedAt: new Date(),
};
const TARGET: TargetRole = {
  roleArn: 'arn:aws:iam::444455556666:role/shared/reader',
  externalId: 'eu-central-1/111122223333/prod/shop/web',
  tags: { 'kubernetes-namespace': 'shop', 'kubernetes-pod-name': 'web-1' },
};
const SESSION_ARN = 'arn:aws:sts::444455556666:assumed-role/reader/web-1';

function assume(changes: Partial<TargetSurroundings> = {}, target = TARGET) {
  return assumeTarget(BASE, target, {
    endpoint: new URL(peer.url),
    caFile: undefined,
    region: 'eu-central-1',
    sessionName: 'web-1',
    durationSeconds: 43_200,
    now: () => new Date(),
    clockAheadMs: undefined,
    signal: new AbortController().signal,
    ...changes,
  });
}

/** Answers with a session of the target, and keeps the headers of the call. */
function answerAndKeep(): IncomingHttpHeaders[] {
  const seen: IncomingHttpHeaders[] = [];
  peer.answerWith = (request, response) => {
    seen.push(request.headers);
    response.writeHead(200).end(targetCredentialsXml(SESSION_ARN));
  };
  return seen;
}

async function failureOf(assumed: Promise<unknown>): Promise<ExchangeError> {
  const outcome = await assumed.catch((thrown: unknown) => thrown);
  assert.ok(outcome instanceof ExchangeError, String(outcome));
  for (const secret of [BASE.secretAccessKey, BASE.sessionToken, ...Object.values(PEER_SECRETS)])
    assert.ok(!outcome.message.includes(secret));
  return outcome;
}

test('AssumeRole is asked for an hour at most, with external id and transitive tags', async () => {
  answerAndKeep();
  const { session, lifetimeMs, assumedRoleArn } = await assume();
  assert.equal(session.accessKeyId, 'ASIATARGETEXAMPLE');
  assert.equal(assumedRoleArn, SESSION_ARN);
  assert.ok(lifetimeMs <= 3_600_000);
  assert.deepEqual(Object.fromEntries(peer.calls.at(-1) ?? []), {
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: TARGET.roleArn,
    RoleSessionName: 'web-1',
    DurationSeconds: '3600',
    ExternalId: TARGET.externalId,
    'Tags.member.1.Key': 'kubernetes-namespace',
    'Tags.member.1.Value': 'shop',
    'TransitiveTagKeys.member.1': 'kubernetes-namespace',
    'Tags.member.2.Key': 'kubernetes-pod-name',
    'Tags.member.2.Value': 'web-1',
    'TransitiveTagKeys.member.2': 'kubernetes-pod-name',
  });
});

test('a shorter session is asked for as it is, and without tags none are sent', async () => {
  answerAndKeep();
  await assume({ durationSeconds: 900 }, { ...TARGET, tags: undefined });
  const call = peer.calls.at(-1);
  assert.equal(call?.get('DurationSeconds'), '900');
  assert.deepEqual(
    [...(call?.keys() ?? [])].filter((key) => key.includes('Tag')),
    [],
  );
});

test('a machine whose clock is far off signs with the time of STS', async () => {
  const seen = answerAndKeep();
  const now = () => new Date('2026-11-24T12:00:00Z');
  for (const [clockAheadMs, signed] of [
    [undefined, '20261124T120000Z'],
    [120_000, '20261124T120000Z'],
    [3_600_000, '20261124T110000Z'],
    [-600_000, '20261124T121000Z'],
  ] as const) {
    await assume({ now, clockAheadMs }).catch(() => {});
    assert.equal(seen.at(-1)?.['x-amz-date'], signed);
  }
  assert.match(String(seen[0]?.authorization), /^AWS4-HMAC-SHA256 Credential=ASIABASEEXAMPLE\/20261124\/eu-/);
  assert.equal(seen[0]?.['x-amz-security-token'], BASE.sessionToken);
});

test('a session of another role is not taken', async () => {
  for (const arn of [
    undefined,
    'arn:aws:sts::444455556666:assumed-role/other/web-1',
    'arn:aws:sts::111122223333:assumed-role/reader/web-1',
  ]) {
    peer.answerWith = answerXml(200, () => targetCredentialsXml(arn));
    const failure = await failureOf(assume());
    assert.deepEqual([failure.code, failure.retry], ['STS_ANSWER_INVALID', 'late']);
    assert.match(failure.message, arn ? /gave a session of arn:/ : /that names no role/);
  }
});

const refusals: readonly (readonly [status: number, code: string, ours: string, retry: string, RegExp])[] = [
  [
    403,
    'AccessDenied',
    'STS_REFUSED',
    'late',
    /trust policy of arn:aws:iam::444455556666:role\/shared\/reader/,
  ],
  [
    403,
    'AccessDenied',
    'STS_REFUSED',
    'late',
    /TagSession for the .* sts:ExternalId eu-central-1\/111122223333\/prod\/shop\/web,/,
  ],
  [403, 'ExpiredToken', 'STS_REFUSED', 'late', /next session of the own role/],
  [403, 'InvalidClientTokenId', 'STS_REFUSED', 'late', /next session of the own role/],
  [403, 'SignatureDoesNotMatch', 'STS_REFUSED', 'late', /clock/],
  [400, 'PackedPolicyTooLarge', 'STS_REFUSED', 'late', /session tags off/],
  [400, 'SomethingNew', 'STS_REFUSED', 'late', /see AssumeRole in/],
  [400, 'Throttling', 'STS_FAILED', 'soon', /passes by itself/],
  [500, 'InternalFailure', 'STS_FAILED', 'soon', /passes by itself/],
];
for (const [status, code, ours, retry, said] of refusals) {
  test(`STS answers ${code}: ${said}`, async () => {
    peer.answerWith = answerXml(status, () => stsErrorXml(code, `not with ${BASE.sessionToken}`));
    const failure = await failureOf(assume());
    assert.deepEqual([failure.code, failure.retry], [ours, retry]);
    assert.match(failure.message, said);
  });
}

test('an answer of AssumeRoleWithWebIdentity is not one of AssumeRole', async () => {
  peer.answerWith = answerXml(200, () =>
    targetCredentialsXml(SESSION_ARN).replaceAll('AssumeRoleRes', 'AssumeRoleWithWebIdentityRes'),
  );
  assert.equal((await failureOf(assume())).code, 'STS_ANSWER_INVALID');
});
