import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createLogger } from '../lib/logger.ts';
import { startIssuer, type TestIssuer } from '../testing/issuer.ts';
import { stsApp } from './app.ts';
import { parseStsConfig } from './config.ts';

const ROLE = 'arn:aws:iam::111122223333:role/team/web';
const SESSION_ARN = 'arn:aws:sts::111122223333:assumed-role/web/test-session';
const CALL = { RoleArn: ROLE, RoleSessionName: 'test-session' };

let issuer: TestIssuer;
let url: string;
let closeSts: () => Promise<void>;
/** The clock of the STS, ahead of this process's by so much. */
let aheadMs = 0;
const lines: Record<string, unknown>[] = [];

before(async () => {
  issuer = await startIssuer();
  const config = parseStsConfig(
    {
      providers: [
        {
          url: issuer.url,
          clientIDs: ['sts.amazonaws.com'],
          caFile: 'ca.crt',
          connectTo: `127.0.0.1:${issuer.connectTo.port}`,
        },
      ],
      roles: [{ arn: ROLE, trustPolicy: trusting('system:serviceaccount:shop:web') }],
    },
    'test',
    () => issuer.ca,
  );
  const logger = createLogger('info', { write: (line) => lines.push(JSON.parse(line)) });
  const app = stsApp(config, logger, () => new Date(Date.now() + aheadMs));
  const server = createServer(app.callback());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  closeSts = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
});

after(async () => {
  await closeSts();
  await issuer.close();
});

function trusting(subject: string) {
  return {
    Statement: {
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/issuer.test/cluster' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          'issuer.test/cluster:sub': subject,
          'issuer.test/cluster:aud': 'sts.amazonaws.com',
        },
      },
    },
  };
}

interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

function client(credentials: Identity = { accessKeyId: 'none', secretAccessKey: 'none' }): STSClient {
  return new STSClient({ region: 'eu-west-1', endpoint: url, credentials, maxAttempts: 1 });
}

async function assume(claims = {}): Promise<Required<Identity>> {
  const WebIdentityToken = await issuer.sign(claims);
  const { Credentials } = await client().send(
    new AssumeRoleWithWebIdentityCommand({ ...CALL, WebIdentityToken }),
  );
  return {
    accessKeyId: String(Credentials?.AccessKeyId),
    secretAccessKey: String(Credentials?.SecretAccessKey),
    sessionToken: String(Credentials?.SessionToken),
  };
}

async function send(parameters: Record<string, string>, method: 'GET' | 'POST' = 'POST', headers = {}) {
  const form = new URLSearchParams(parameters);
  const response = await fetch(method === 'GET' ? `${url}?${form}` : url, {
    method,
    headers,
    ...(method === 'POST' ? { body: form } : {}),
  });
  const body = await response.text();
  return { response, body, code: /<Code>(.*)<\/Code>/.exec(body)?.[1] };
}

test('the AWS SDK exchanges a token and then is the role', async () => {
  const token = await issuer.sign();
  const answer = await client().send(
    new AssumeRoleWithWebIdentityCommand({ ...CALL, WebIdentityToken: token, DurationSeconds: 900 }),
  );
  assert.equal(answer.AssumedRoleUser?.Arn, SESSION_ARN);
  assert.match(String(answer.AssumedRoleUser?.AssumedRoleId), /^AROA[A-Z2-7]{17}:test-session$/);
  assert.equal(answer.SubjectFromWebIdentityToken, 'system:serviceaccount:shop:web');
  assert.equal(answer.Audience, 'sts.amazonaws.com');
  assert.equal(answer.Provider, 'arn:aws:iam::111122223333:oidc-provider/issuer.test/cluster');
  assert.match(String(answer.Credentials?.AccessKeyId), /^ASIA[A-Z2-7]{16}$/);
  const livesMs = Number(answer.Credentials?.Expiration) - Date.now();
  assert.ok(livesMs > 800_000 && livesMs <= 900_000, `lives ${livesMs} ms`);
  const identity = await client(await assume()).send(new GetCallerIdentityCommand({}));
  assert.equal(identity.Arn, SESSION_ARN);
  assert.equal(identity.Account, '111122223333');
  assert.equal(identity.UserId, answer.AssumedRoleUser?.AssumedRoleId);
});

test('another subject is refused in the words of AWS, and the log says which condition failed', async () => {
  const WebIdentityToken = await issuer.sign({ sub: 'system:serviceaccount:other:web' });
  await assert.rejects(client().send(new AssumeRoleWithWebIdentityCommand({ ...CALL, WebIdentityToken })), {
    name: 'AccessDenied',
    message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
  });
  const line = lines.at(-1);
  assert.equal(line?.['code'], 'AccessDenied');
  assert.equal(line?.['role'], ROLE);
  assert.equal(line?.['subject'], 'system:serviceaccount:other:web');
  assert.match(
    String(line?.['detail']),
    /StringEquals issuer\.test\/cluster:sub: expected "system:serviceaccount:shop:web", actual "system:serviceaccount:other:web"/,
  );
});

test('neither tokens nor credentials reach the log', async () => {
  const { accessKeyId, secretAccessKey, sessionToken } = await assume();
  const logged = JSON.stringify(lines);
  for (const secret of [accessKeyId, secretAccessKey, sessionToken]) assert.ok(!logged.includes(secret));
  assert.ok(!logged.includes('eyJ'));
});

test('parameters may stand in the query of a GET or a POST, as s3cmd sends them', async () => {
  const parameters = {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    ...CALL,
    WebIdentityToken: await issuer.sign(),
  };
  const got = await send(parameters, 'GET');
  assert.equal(got.response.status, 200);
  const posted = await fetch(`${url}?${new URLSearchParams(parameters)}`, { method: 'POST' });
  assert.equal(posted.status, 200);
  assert.equal(posted.headers.get('content-type'), 'text/xml; charset=utf-8');
});

test('errors have the shape of the Query API, with one request id in body and header', async () => {
  const { response, body } = await send({ Action: 'No<Such>', Version: '2011-06-15' });
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
    'duration over the role’s',
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
  ['session policy', { Policy: '{}' }, 400, 'ValidationError', /Policy is not supported/],
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
    const answer = await send({
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

test('a parameter that is not there is null', async () => {
  const { body, code } = await send({ Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15' });
  assert.equal(code, 'ValidationError');
  for (const name of ['roleArn', 'roleSessionName', 'webIdentityToken']) {
    assert.match(body, new RegExp(`Value null at '${name}' failed`));
  }
});

test('health is answered, other paths and methods are not', async () => {
  assert.equal(await (await fetch(`${url}healthz`)).text(), 'ok\n');
  assert.equal((await fetch(`${url}other`)).status, 404);
  assert.equal((await fetch(url, { method: 'PUT' })).status, 405);
});

const identityCall = { Action: 'GetCallerIdentity', Version: '2011-06-15' };

test('an unsigned or half signed call is refused', async () => {
  assert.equal((await send(identityCall)).code, 'MissingAuthenticationToken');
  const wrongScheme = await send(identityCall, 'POST', { authorization: 'Basic YTpi' });
  assert.equal(wrongScheme.code, 'IncompleteSignature');
  const half = await send(identityCall, 'POST', {
    authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/sts/aws4_request',
  });
  assert.equal(half.code, 'IncompleteSignature');
  assert.match(half.body, /requires 'Signature' parameter\. Authorization header requires 'SignedHeaders'/);
});

test('wrong credentials are refused, each by its code', async () => {
  const session = await assume();
  const other = await assume();
  const cases: readonly (readonly [string, Identity, string])[] = [
    ['secret', { ...session, secretAccessKey: other.secretAccessKey }, 'SignatureDoesNotMatch'],
    ['token', { ...session, sessionToken: other.sessionToken }, 'InvalidClientTokenId'],
    [
      'no token',
      { accessKeyId: session.accessKeyId, secretAccessKey: session.secretAccessKey },
      'InvalidClientTokenId',
    ],
    ['access key', { ...session, accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' }, 'InvalidClientTokenId'],
  ];
  for (const [name, credentials, code] of cases) {
    await assert.rejects(client(credentials).send(new GetCallerIdentityCommand({})), { name: code }, name);
  }
});

test('a signature is good for five minutes of clock, a session until it expires', async () => {
  const session = client(await assume());
  const identify = () => session.send(new GetCallerIdentityCommand({}));
  try {
    for (const [ahead, code] of [
      [290_000, undefined],
      [310_000, 'SignatureDoesNotMatch'],
      [-290_000, undefined],
      [-310_000, 'SignatureDoesNotMatch'],
    ] as const) {
      aheadMs = ahead;
      if (code === undefined) assert.equal((await identify()).Arn, SESSION_ARN);
      else await assert.rejects(identify(), { name: code });
    }
    // Issued an hour and more ago by the clock of the STS, signed by its present one.
    aheadMs = -3_610_000;
    const old = client(await assume({ nbf: undefined }));
    aheadMs = 0;
    await assert.rejects(old.send(new GetCallerIdentityCommand({})), { name: 'ExpiredToken' });
  } finally {
    aheadMs = 0;
  }
});

test('a signed request whose body was exchanged is refused', async () => {
  const signed: Record<string, string> = {};
  const session = client(await assume());
  session.middlewareStack.add(
    (next) => async (args) => {
      if (typeof args.request === 'object' && args.request && 'headers' in args.request) {
        Object.assign(signed, args.request.headers);
      }
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await session.send(new GetCallerIdentityCommand({}));
  const { host, 'content-length': length, ...headers } = signed;
  assert.ok(host && length && headers['authorization']);
  assert.equal((await send({ ...identityCall, Extra: 'x' }, 'POST', headers)).code, 'SignatureDoesNotMatch');
});
