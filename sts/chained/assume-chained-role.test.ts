import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
} from '@aws-sdk/client-sts';
import { type Identity, ROLE, SESSION_ARN, startLocalSts } from '../../testing/aws/local-sts.ts';
import { useIssuer } from '../../testing/oidc/issuer.ts';

const OTHER_ACCOUNT = 'arn:aws:iam::444455556666:role/shared';
const BOTH = ['sts:AssumeRole', 'sts:TagSession'];
const EXTERNAL_ID = 'eu-central-1/111122223333/prod/shop/web';
const ROOT = 'arn:aws:iam::111122223333:root';

const allow = (part: object) => ({
  Statement: { Effect: 'Allow', Principal: { AWS: ROLE }, Action: BOTH, ...part },
});
const equals = (block: object) => ({ Condition: { StringEquals: block } });
const own = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const other = (name: string) => `${OTHER_ACCOUNT}/${name}`;

const roles = [
  { arn: other('plain'), trustPolicy: allow({}) },
  { arn: other('root'), trustPolicy: allow({ Principal: { AWS: ROOT } }) },
  { arn: other('account'), trustPolicy: allow({ Principal: { AWS: '111122223333' } }) },
  { arn: other('session'), trustPolicy: allow({ Principal: { AWS: SESSION_ARN } }) },
  { arn: other('everyone'), trustPolicy: allow({ Principal: '*' }) },
  { arn: other('nobody'), trustPolicy: allow({ Principal: { AWS: own('other') } }) },
  { arn: other('id'), trustPolicy: allow(equals({ 'sts:ExternalId': EXTERNAL_ID })) },
  { arn: other('no-tags'), trustPolicy: allow({ Action: 'sts:AssumeRole' }) },
  {
    arn: other('tagged'),
    trustPolicy: allow(equals({ 'aws:RequestTag/kubernetes-namespace': 'shop' })),
  },
  {
    arn: other('keys'),
    trustPolicy: allow({
      Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['kubernetes-namespace'] } },
    }),
  },
  {
    arn: other('address'),
    trustPolicy: allow({ Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.1' } } }),
  },
  { arn: other('not-in-policy/x'), trustPolicy: allow({}) },
  { arn: other('denied-by-policy'), trustPolicy: allow({}) },
  { arn: other('tags-not-in-policy'), trustPolicy: allow({}) },
  {
    arn: other('next'),
    trustPolicy: allow({
      Principal: { AWS: other('plain') },
      ...equals({ 'aws:RequestTag/kubernetes-namespace': 'shop' }),
    }),
  },
  { arn: own('named'), trustPolicy: allow({}) },
  { arn: own('named-and-denied'), trustPolicy: allow({}) },
  { arn: own('named-and-perhaps-denied'), trustPolicy: allow({}) },
  { arn: own('by-root'), trustPolicy: allow({ Principal: { AWS: ROOT } }) },
];
const OWN_POLICY = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: BOTH, Resource: `${OTHER_ACCOUNT}/*` },
    { Effect: 'Deny', Action: 'sts:*', Resource: [other('denied-by-policy'), other('not-in-policy/?')] },
    { Effect: 'Deny', Action: 'sts:*', Resource: own('named-and-denied') },
    {
      Effect: 'Deny',
      Action: 'sts:*',
      Resource: own('named-and-perhaps-denied'),
      Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    },
    { Effect: 'Deny', Action: 'sts:TagSession', Resource: other('tags-not-in-policy') },
    { Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: { StringEquals: { 's3:prefix': 'x' } } },
  ],
};

const issuer = await useIssuer();
const sts = await startLocalSts(issuer, roles, { policy: OWN_POLICY });
const poor = await startLocalSts(issuer, roles);
after(() => Promise.all([sts.close(), poor.close()]));
const base = await sts.assume();
const poorBase = await poor.assume();

const NAMESPACE_TAG = { Key: 'kubernetes-namespace', Value: 'shop' };

function call(role: string, input: Partial<AssumeRoleCommandInput> = {}) {
  return new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'web-1', ...input });
}

const accepted: readonly (readonly [string, string, Partial<AssumeRoleCommandInput>])[] = [
  ['the role as principal', other('plain'), {}],
  ['its account', other('root'), {}],
  ['its account by its ID', other('account'), {}],
  ['the session', other('session'), {}],
  ['everyone', other('everyone'), {}],
  ['the external id', other('id'), { ExternalId: EXTERNAL_ID }],
  ['tags', other('plain'), { Tags: [NAMESPACE_TAG] }],
  ['the required tag', other('tagged'), { Tags: [NAMESPACE_TAG] }],
  ['the only tag key', other('keys'), { Tags: [NAMESPACE_TAG] }],
  ['no TagSession, without tags', other('no-tags'), {}],
  ['TagSession denied by its own policy, without tags', other('tags-not-in-policy'), {}],
  ['a role of the same account, without a policy', own('named'), { Tags: [NAMESPACE_TAG] }],
  ['an hour', other('plain'), { DurationSeconds: 3_600 }],
  ['a quarter of an hour', other('plain'), { DurationSeconds: 900 }],
];
for (const [name, role, input] of accepted) {
  test(`assumed: ${name}`, async () => {
    const { Credentials, AssumedRoleUser } = await sts.client(base).send(call(role, input));
    const name = role.split('/').at(-1);
    const account = role.split(':')[4];
    assert.equal(AssumedRoleUser?.Arn, `arn:aws:sts::${account}:assumed-role/${name}/web-1`);
    const session = {
      accessKeyId: String(Credentials?.AccessKeyId),
      secretAccessKey: String(Credentials?.SecretAccessKey),
      sessionToken: String(Credentials?.SessionToken),
    };
    const identity = await sts.client(session).send(new GetCallerIdentityCommand());
    assert.deepEqual([identity.Arn, identity.Account], [AssumedRoleUser?.Arn, account]);
    const livesMs = Number(Credentials?.Expiration) - Date.now();
    assert.ok(livesMs <= (input.DurationSeconds ?? 3_600) * 1_000);
  });
}

const NOT_AUTHORIZED = (action: string, role: string) =>
  `User: ${SESSION_ARN} is not authorized to perform: ${action} on resource: ${role}`;
const refused: readonly (readonly [string, string, Partial<AssumeRoleCommandInput>, string, RegExp])[] = [
  ['another principal', other('nobody'), {}, 'sts:AssumeRole', /its principal is/],
  ['no such role', other('none'), {}, 'sts:AssumeRole', /there is no such role/],
  ['no external id', other('id'), {}, 'sts:AssumeRole', /ExternalId.*the request has no such key/],
  ['another external id', other('id'), { ExternalId: `${EXTERNAL_ID}2` }, 'sts:AssumeRole', /ExternalId/],
  ['tags without TagSession', other('no-tags'), { Tags: [NAMESPACE_TAG] }, 'sts:TagSession', /trust policy/],
  ['no tag', other('tagged'), {}, 'sts:AssumeRole', /RequestTag.*no such key/],
  [
    'the tag of another namespace',
    other('tagged'),
    { Tags: [{ Key: 'kubernetes-namespace', Value: 'bank' }] },
    'sts:AssumeRole',
    /actual "bank"/,
  ],
  [
    'a tag key too many',
    other('keys'),
    { Tags: [NAMESPACE_TAG, { Key: 'x', Value: 'y' }] },
    'sts:AssumeRole',
    /TagKeys/,
  ],
  ['a condition that cannot be checked', other('address'), {}, 'sts:AssumeRole', /cannot be checked/],
  ['its own policy denies', other('denied-by-policy'), {}, 'sts:AssumeRole', /policy of .*denied by/],
  ['its own policy denies a pattern', other('not-in-policy/x'), {}, 'sts:AssumeRole', /denied by/],
  ['its own policy denies, in the same account', own('named-and-denied'), {}, 'sts:AssumeRole', /policy of /],
  [
    'its own policy may deny, in the same account',
    own('named-and-perhaps-denied'),
    {},
    'sts:AssumeRole',
    /policy of .*may match/s,
  ],
  [
    'its own policy denies TagSession',
    other('tags-not-in-policy'),
    { Tags: [NAMESPACE_TAG] },
    'sts:TagSession',
    /policy of /,
  ],
  [
    'its account is trusted, its own policy allows nothing',
    own('by-root'),
    {},
    'sts:AssumeRole',
    /policy of /,
  ],
];
for (const [name, role, input, action, detail] of refused) {
  test(`refused: ${name}`, async () => {
    await assert.rejects(sts.client(base).send(call(role, input)), {
      name: 'AccessDenied',
      message: NOT_AUTHORIZED(action, role),
    });
    assert.match(String(sts.lines.at(-1)?.['detail']), detail);
  });
}

test('another account needs a policy of the own role; the same account does not, if it names the role', async () => {
  await assert.rejects(poor.client(poorBase).send(call(other('plain'))), { name: 'AccessDenied' });
  await assert.rejects(poor.client(poorBase).send(call(own('by-root'))), { name: 'AccessDenied' });
  await poor.client(poorBase).send(call(own('named')));
});

const invalid: readonly (readonly [string, Partial<AssumeRoleCommandInput>, string, RegExp])[] = [
  ['over an hour', { DurationSeconds: 3_601 }, 'ValidationError', /1 hour session limit/],
  ['twelve hours and more', { DurationSeconds: 43_201 }, 'ValidationError', /less than or equal to 43200/],
  ['under 15 minutes', { DurationSeconds: 899 }, 'ValidationError', /greater than or equal to 900/],
  ['a session name', { RoleSessionName: 'a b' }, 'ValidationError', /roleSessionName/],
  ['an external id of one character', { ExternalId: 'x' }, 'ValidationError', /externalId/],
  ['an external id with a space', { ExternalId: 'a b' }, 'ValidationError', /externalId.*pattern/],
  ['a session policy that is not one', { Policy: '{}' }, 'MalformedPolicyDocumentException', /Syntax errors/],
  ['a long session policy', { Policy: ' '.repeat(2_049) }, 'ValidationError', /'policy'.* 2048/],
  ['a source identity', { SourceIdentity: 'me' }, 'ValidationError', /SourceIdentity is not supported/],
  [
    'a tag twice',
    {
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'A', Value: '1' },
      ],
    },
    'InvalidParameterValue',
    /Duplicate/,
  ],
  ['a tag of AWS', { Tags: [{ Key: 'aws:x', Value: '1' }] }, 'InvalidParameterValue', /aws:/],
  ['a tag with a bad character', { Tags: [{ Key: 'x', Value: 'a;b' }] }, 'ValidationError', /value of a tag/],
  [
    'a tag that is too long',
    { Tags: [{ Key: 'x', Value: 'a'.repeat(257) }] },
    'ValidationError',
    /value of a tag/,
  ],
  ['a tag without a key', { Tags: [{ Key: '', Value: 'a' }] }, 'ValidationError', /key of a tag/],
  [
    'a transitive key without its tag',
    { TransitiveTagKeys: ['x'] },
    'InvalidParameterValue',
    /must be included/,
  ],
  [
    'too many tags',
    { Tags: Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: 'v' })) },
    'ValidationError',
    /less than or equal to 50/,
  ],
  [
    'tags that are too large together',
    { Tags: Array.from({ length: 20 }, (_, at) => ({ Key: `k${at}`, Value: 'v'.repeat(256) })) },
    'PackedPolicyTooLargeException',
    /Packed size/,
  ],
];
for (const [name, input, code, message] of invalid) {
  test(`invalid: ${name}`, () =>
    assert.rejects(sts.client(base).send(call(other('plain'), input)), { name: code, message }));
}

test('an ARN that is not one of a role is invalid', async () => {
  for (const arn of ['arn:aws:iam::1:role/a-b-c-d', 'arn:aws:s3:::a-bucket-of-files'])
    await assert.rejects(sts.client(base).send(call(arn)), {
      name: 'ValidationError',
      message: 'Request ARN is invalid',
    });
});

test('a call that is not signed, or signed with another secret, is refused', async () => {
  const parameters = {
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: other('plain'),
    RoleSessionName: 'xx',
  };
  assert.equal((await sts.send(parameters)).code, 'MissingAuthenticationToken');
  const forged: Identity = { ...base, secretAccessKey: 'x'.repeat(40) };
  await assert.rejects(sts.client(forged).send(call(other('plain'))), { name: 'SignatureDoesNotMatch' });
  await assert.rejects(sts.client({ ...base, sessionToken: 'x' }).send(call(other('plain'))), {
    name: 'InvalidClientTokenId',
  });
});

test('transitive tags follow into the next session, and cannot be replaced there; others do not', async () => {
  const nextFrom = async (transitive: string[], input: Partial<AssumeRoleCommandInput> = {}) => {
    const tagged = call(other('plain'), { Tags: [NAMESPACE_TAG], TransitiveTagKeys: transitive });
    const { Credentials } = await sts.client(base).send(tagged);
    const session = {
      accessKeyId: String(Credentials?.AccessKeyId),
      secretAccessKey: String(Credentials?.SecretAccessKey),
      sessionToken: String(Credentials?.SessionToken),
    };
    return sts.client(session).send(call(other('next'), input));
  };
  // The session of `plain` has no policy, and `next` is in its account and names it.
  const { AssumedRoleUser } = await nextFrom(['kubernetes-namespace']);
  assert.match(String(AssumedRoleUser?.Arn), /assumed-role\/next\/web-1$/);
  await assert.rejects(nextFrom([]), { name: 'AccessDenied' });
  await assert.rejects(
    nextFrom(['kubernetes-namespace'], { Tags: [{ Key: 'Kubernetes-Namespace', Value: 'bank' }] }),
    { name: 'InvalidParameterValue', message: /conflicts with a transitive tag key/ },
  );
});

test('neither keys nor tokens reach the log', () => {
  const logged = JSON.stringify(sts.lines);
  for (const secret of [base.secretAccessKey, base.sessionToken]) assert.ok(!logged.includes(secret));
});
