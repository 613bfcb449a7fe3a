import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { CALL, ROLE, SESSION_ARN, useLocalSts } from '../testing/aws/local-sts.ts';
import { useIssuer } from '../testing/oidc/issuer.ts';

const issuer = await useIssuer();
const sts = await useLocalSts(issuer);

test('the AWS SDK exchanges a token and then has the role', async () => {
  const token = await issuer.sign();
  const answer = await sts
    .client()
    .send(new AssumeRoleWithWebIdentityCommand({ ...CALL, WebIdentityToken: token, DurationSeconds: 900 }));
  assert.equal(answer.AssumedRoleUser?.Arn, SESSION_ARN);
  assert.match(String(answer.AssumedRoleUser?.AssumedRoleId), /^AROA[A-Z2-7]{17}:test-session$/);
  assert.equal(answer.SubjectFromWebIdentityToken, 'system:serviceaccount:shop:web');
  assert.equal(answer.Audience, 'sts.amazonaws.com');
  assert.equal(answer.Provider, 'arn:aws:iam::111122223333:oidc-provider/issuer.test/cluster');
  assert.match(String(answer.Credentials?.AccessKeyId), /^ASIA[A-Z2-7]{16}$/);
  const livesMs = Number(answer.Credentials?.Expiration) - Date.now();
  assert.ok(livesMs > 800_000 && livesMs <= 900_000, `lives ${livesMs} ms`);
  const identity = await sts.client(await sts.assume()).send(new GetCallerIdentityCommand({}));
  assert.equal(identity.Arn, SESSION_ARN);
  assert.equal(identity.Account, '111122223333');
  assert.equal(identity.UserId, answer.AssumedRoleUser?.AssumedRoleId);
});

test("another subject is refused with AWS's message, and the log has the condition that failed", async () => {
  const WebIdentityToken = await issuer.sign({ sub: 'system:serviceaccount:other:web' });
  await assert.rejects(
    sts.client().send(new AssumeRoleWithWebIdentityCommand({ ...CALL, WebIdentityToken })),
    {
      name: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    },
  );
  const line = sts.lines.at(-1);
  assert.equal(line?.['code'], 'AccessDenied');
  assert.equal(line?.['role'], ROLE);
  assert.equal(line?.['subject'], 'system:serviceaccount:other:web');
  assert.match(
    String(line?.['detail']),
    /StringEquals issuer\.test\/cluster:sub: expected "system:serviceaccount:shop:web", actual "system:serviceaccount:other:web"/,
  );
});

test('neither tokens nor credentials reach the log', async () => {
  const { accessKeyId, secretAccessKey, sessionToken } = await sts.assume();
  const logged = JSON.stringify(sts.lines);
  for (const secret of [accessKeyId, secretAccessKey, sessionToken]) assert.ok(!logged.includes(secret));
  assert.ok(!logged.includes('eyJ'));
});

test('parameters may be in the query of a GET or a POST, as s3cmd sends them', async () => {
  const parameters = {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    ...CALL,
    WebIdentityToken: await issuer.sign(),
  };
  const got = await sts.send(parameters, 'GET');
  assert.equal(got.response.status, 200);
  const posted = await fetch(`${sts.url}?${new URLSearchParams(parameters)}`, { method: 'POST' });
  assert.equal(posted.status, 200);
  assert.equal(posted.headers.get('content-type'), 'text/xml; charset=utf-8');
});

test('errors have the shape of the Query API, with one request id in body and header', async () => {
  const { response, body } = await sts.send({ Action: 'No<Such>', Version: '2011-06-15' });
  const id = response.headers.get('x-amzn-requestid');
  assert.equal(
    body,
    `<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">
  <Error>
    <Type>Sender</Type>
    <Code>InvalidAction</Code>
    <Message>Could not find operation No&lt;Such&gt; for version 2011-06-15</Message>
  </Error>
  <RequestId>${id}</RequestId>
</ErrorResponse>
`,
  );
});

const refusedCalls: readonly (readonly [string, Record<string, string>, number, string, RegExp])[] = [
  ['no action', { Action: '' }, 400, 'MissingAction', /action/],
  ['no version', { Version: '' }, 400, 'InvalidAction', /for version </],
  ['unknown role', { RoleArn: `${ROLE}x` }, 403, 'AccessDenied', /Not authorized to perform/],
  [
    'malformed role',
    { RoleArn: 'arn:aws:iam::1:role/a-b-c-d' },
    400,
    'ValidationError',
    />Request ARN is invalid</,
  ],
  ['duration too short', { DurationSeconds: '899' }, 400, 'ValidationError', /greater than or equal to 900/],
  ['duration too long', { DurationSeconds: '43201' }, 400, 'ValidationError', /less than or equal to 43200/],
  ['duration no number', { DurationSeconds: '1e3' }, 400, 'ValidationError', /durationSeconds/],
  [
    "duration over the role's",
    { DurationSeconds: '3601' },
    400,
    'ValidationError',
    /exceeds the MaxSessionDuration/,
  ],
  ['session name', { RoleSessionName: 'a b' }, 400, 'ValidationError', /'a b' at 'roleSessionName'/],
  ['session name too short', { RoleSessionName: 'a' }, 400, 'ValidationError', /roleSessionName/],
  ['several faults', { RoleSessionName: 'a', DurationSeconds: '1' }, 400, 'ValidationError', /2 validation/],
  ['token too short', { WebIdentityToken: 'abc' }, 400, 'ValidationError', /webIdentityToken/],
  [
    'token too long',
    { WebIdentityToken: 'a'.repeat(20_001) },
    400,
    'ValidationError',
    /less than or equal to 20000/,
  ],
  ['garbage token', { WebIdentityToken: 'a.b.c' }, 400, 'InvalidIdentityToken', /not a valid JWT/],
  ['provider id', { ProviderId: 'www.amazon.com' }, 400, 'ValidationError', /ProviderId/],
  ['session policy', { Policy: '{}' }, 400, 'MalformedPolicyDocument', /Syntax errors in policy/],
  ['session policy that is not JSON', { Policy: '{' }, 400, 'MalformedPolicyDocument', /Syntax errors/],
  ['session policy that is empty', { Policy: '' }, 400, 'ValidationError', /'policy'.*equal to 1/],
  [
    'session policy too long',
    { Policy: ' '.repeat(2_049) },
    400,
    'ValidationError',
    /'policy' .*less than or equal to 2048/,
  ],
  ['session policy beyond Latin-1', { Policy: '{"Sid":"ā"}' }, 400, 'ValidationError', /'policy'.*pattern/],
  [
    'session policy ARN',
    { 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
    400,
    'ValidationError',
    /PolicyArns is not supported/,
  ],
  ['body too large', { Padding: 'a'.repeat(70_000) }, 413, 'RequestEntityTooLarge', /65536/],
];
for (const [name, parameters, status, code, message] of refusedCalls) {
  test(`refused: ${name}`, async () => {
    const answer = await sts.send({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      ...CALL,
      WebIdentityToken: await issuer.sign(),
      ...parameters,
    });
    assert.equal(answer.response.status, status, answer.body);
    assert.equal(answer.code, code);
    assert.match(answer.body, message);
  });
}

test('a missing parameter is null', async () => {
  const { body, code } = await sts.send({ Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15' });
  assert.equal(code, 'ValidationError');
  for (const name of ['roleArn', 'roleSessionName', 'webIdentityToken']) {
    assert.match(body, new RegExp(`Value null at '${name}' failed`));
  }
});

test('health is answered, other paths and methods are not', async () => {
  assert.equal(await (await fetch(`${sts.url}healthz`)).text(), 'ok\n');
  assert.equal((await fetch(`${sts.url}other`)).status, 404);
  assert.equal((await fetch(sts.url, { method: 'PUT' })).status, 405);
});
