import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { ROLE, startLocalSts } from '../../testing/aws/local-sts.ts';
import {
  answerXml,
  credentialsXml,
  PEER_SECRETS,
  startStsPeer,
  stsErrorXml,
  useStsPeer,
} from '../../testing/aws/sts-peer.ts';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { startIssuer } from '../../testing/oidc/issuer.ts';
import { type ExchangeTarget, exchangeToken } from './exchange.ts';
import { ExchangeError } from './exchange-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-exchange-'));
const peer = await useStsPeer();
after(() => rmSync(folder, { recursive: true }));

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.secret.token';
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, `${TOKEN}\n`);

const now = () => new Date();

function exchange(changes: Partial<ExchangeTarget> = {}, signal = new AbortController().signal) {
  const target: ExchangeTarget = {
    endpoint: new URL(peer.url),
    caFile: undefined,
    roleArn: ROLE,
    sessionName: 'test-session',
    durationSeconds: 900,
    tokenFile,
    ...changes,
  };
  return exchangeToken(target, now, signal);
}

/** Returns the error of an exchange that must fail. */
async function failureOf(exchanged: Promise<unknown>): Promise<ExchangeError> {
  const outcome = await exchanged.catch((thrown: unknown) => thrown);
  assert.ok(outcome instanceof ExchangeError, String(outcome));
  for (const secret of [TOKEN, ...Object.values(PEER_SECRETS)]) assert.ok(!outcome.message.includes(secret));
  return outcome;
}

test('a token is exchanged for a session that signs', async () => {
  const issuer = await startIssuer();
  const sts = await startLocalSts(issuer);
  try {
    const file = join(folder, 'signed');
    writeFileSync(file, `${await issuer.sign()}\n`);
    const { session, lifetimeMs, clockAheadMs } = await exchange({
      endpoint: new URL(sts.url),
      tokenFile: file,
    });
    const caller = await sts.client(session).send(new GetCallerIdentityCommand());
    assert.equal(caller.Arn, 'arn:aws:sts::111122223333:assumed-role/web/test-session');
    assert.ok(lifetimeMs > 890_000 && lifetimeMs <= 901_000, `${lifetimeMs}`);
    assert.ok(clockAheadMs !== undefined && Math.abs(clockAheadMs) < 5_000);
    writeFileSync(file, await issuer.sign({ sub: 'system:serviceaccount:shop:other' }));
    const refused = await failureOf(exchange({ endpoint: new URL(sts.url), tokenFile: file }));
    assert.deepEqual([refused.code, refused.retry], ['STS_REFUSED', 'late']);
  } finally {
    await sts.close();
    await issuer.close();
  }
});

test('the request to STS, and the lifetime of the session by the clock of STS', async () => {
  peer.answerWith = (_request, response) => {
    response
      .writeHead(200, { Date: 'Tue, 24 Nov 2026 12:00:00 GMT' })
      .end(credentialsXml('2026-11-24T13:00:00Z'));
  };
  const { session, lifetimeMs } = await exchange({ durationSeconds: 3_600 });
  assert.equal(lifetimeMs, 3_600_000);
  assert.equal(session.expiration.toISOString(), '2026-11-24T13:00:00.000Z');
  assert.deepEqual(
    [session.accessKeyId, session.secretAccessKey, session.sessionToken],
    ['ASIAPEEREXAMPLE', ...Object.values(PEER_SECRETS)],
  );
  assert.deepEqual(Object.fromEntries(peer.calls.at(-1) ?? []), {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: ROLE,
    RoleSessionName: 'test-session',
    DurationSeconds: '3600',
    WebIdentityToken: TOKEN,
  });
});

test('a session is kept and served no longer than was asked for, whatever STS says', async () => {
  for (const end of ['9999-12-31T23:59:59Z', new Date(Date.now() + 12 * 3_600_000).toISOString()]) {
    peer.answerWith = answerXml(200, () => credentialsXml(end));
    const { session, lifetimeMs } = await exchange();
    assert.ok(lifetimeMs <= 900_000);
    assert.ok(session.expiration.getTime() <= Date.now() + 900_000);
  }
});

const bareError = '<?xml version="1.0"?><Error><Code>AccessDenied</Code><RequestId>tx1</RequestId></Error>';
const without = (element: string) => credentialsXml().replace(new RegExp(`<${element}>.*</${element}>`), '');
const html = '<html><body><p>Sign in to the network<br></body></html>';

const INVALID = 'STS_ANSWER_INVALID';

const answers: readonly (readonly [
  name: string,
  RequestListener,
  code: string,
  retry: string,
  says: RegExp,
])[] = [
  [
    'fault of STS',
    answerXml(500, () => stsErrorXml('InternalFailure')),
    'STS_FAILED',
    'soon',
    /InternalFailure/,
  ],
  ['busy', answerXml(503, () => ''), 'STS_FAILED', 'soon', /HTTP status 503/],
  ['throttled', answerXml(400, () => stsErrorXml('Throttling')), 'STS_FAILED', 'soon', /Throttling/],
  ['throttled by status', answerXml(429, () => html), 'STS_FAILED', 'soon', /429/],
  [
    'issuer slow',
    answerXml(400, () => stsErrorXml('IDPCommunicationError')),
    'STS_FAILED',
    'soon',
    /IDPComm/,
  ],
  ['denied', answerXml(403, () => stsErrorXml('AccessDenied')), 'STS_REFUSED', 'late', /podrole bind.*/],
  [
    'unknown issuer',
    answerXml(400, () => stsErrorXml('InvalidIdentityToken')),
    'STS_REFUSED',
    'late',
    /provider show/,
  ],
  [
    'expired',
    answerXml(400, () => stsErrorXml('ExpiredTokenException')),
    'STS_REFUSED',
    'late',
    /token file is renewed/,
  ],
  [
    'too long',
    answerXml(400, () => stsErrorXml('ValidationError')),
    'STS_REFUSED',
    'late',
    /--session-duration/,
  ],
  [
    'repeats the token',
    answerXml(400, () => stsErrorXml('InvalidIdentityToken', `${TOKEN} is unknown`)),
    'STS_REFUSED',
    'late',
    /\(\[redacted\] is unknown\)/,
  ],
  ['code of tomorrow', answerXml(400, () => stsErrorXml('NewError')), 'STS_REFUSED', 'late', /NewError/],
  ['radosgw', answerXml(403, () => bareError), 'STS_REFUSED', 'late', /AccessDenied request tx1/],
  ['proxy in between', answerXml(403, () => html), INVALID, 'late', /403, without an error of STS/],
  ['redirect', answerXml(302, () => ''), INVALID, 'late', /302/],
  ['sign-in page', answerXml(200, () => html), INVALID, 'soon', /without credentials/],
  ['nothing', answerXml(200, () => ''), INVALID, 'soon', /without credentials/],
  ['cut', answerXml(200, () => credentialsXml().slice(0, 900)), INVALID, 'soon', /without credentials/],
  [
    'another action',
    answerXml(200, () => credentialsXml().replaceAll('WithWebIdentityRes', 'Res')),
    INVALID,
    'soon',
    /without credentials/,
  ],
  [
    'doctype',
    answerXml(200, () => `<!DOCTYPE x [<!ENTITY a "b">]>${credentialsXml()}`),
    INVALID,
    'soon',
    /without credentials/,
  ],
  [
    'key twice',
    answerXml(200, () =>
      credentialsXml().replace('<AccessKeyId>', '<AccessKeyId>A</AccessKeyId><AccessKeyId>'),
    ),
    INVALID,
    'soon',
    /valid AccessKeyId/,
  ],
  ['no key', answerXml(200, () => without('AccessKeyId')), INVALID, 'soon', /valid AccessKeyId/],
  ['no secret', answerXml(200, () => without('SecretAccessKey')), INVALID, 'soon', /valid SecretAccessKey/],
  ['no token', answerXml(200, () => without('SessionToken')), INVALID, 'soon', /valid SessionToken/],
  ['no expiry', answerXml(200, () => without('Expiration')), INVALID, 'soon', /valid Expiration/],
  ['expiry of nothing', answerXml(200, () => credentialsXml('1')), INVALID, 'soon', /not a date/],
  [
    'expired on arrival',
    answerXml(200, () => credentialsXml('2020-01-01T00:00:00Z')),
    INVALID,
    'soon',
    /expired at 2020/,
  ],
  [
    'expired, in an answer dated 1970',
    (_request, response) => {
      response.writeHead(200, { Date: 'Thu, 01 Jan 1970 00:00:00 GMT' });
      response.end(credentialsXml(new Date(Date.now() - 1_000).toISOString()));
    },
    INVALID,
    'soon',
    /gave credentials that expired at/,
  ],
  [
    'huge',
    answerXml(200, () => credentialsXml() + ' '.repeat(200_000)),
    'STS_UNREACHABLE',
    'soon',
    /more than 131072 bytes/,
  ],
  [
    'reset',
    (request) => request.socket.resetAndDestroy(),
    'STS_UNREACHABLE',
    'soon',
    /closed the connection before its answer/,
  ],
  [
    'reset in the middle',
    ({ socket }, response) => {
      response.writeHead(200, { 'Content-Length': 1_000 });
      response.write('<AssumeRole', () => socket.resetAndDestroy());
    },
    'STS_UNREACHABLE',
    'soon',
    /aborted|closed the connection/,
  ],
  [
    'no HTTP',
    ({ socket }) => socket.end('220 smtp ready\r\n'),
    'STS_UNREACHABLE',
    'soon',
    /the answer is not HTTP/,
  ],
];

test('an answer without a session is an error that says why, and when to retry', async () => {
  for (const [name, listener, code, retry, says] of answers) {
    peer.answerWith = listener;
    const failure = await failureOf(exchange());
    assert.deepEqual([failure.code, failure.retry], [code, retry], name);
    assert.match(failure.message, says, name);
  }
});

test('an exchange is ended by the one signal', async () => {
  const stopping = new AbortController();
  peer.answerWith = () => stopping.abort();
  assert.equal((await failureOf(exchange({}, stopping.signal))).code, 'STS_UNREACHABLE');
});

test('STS over https is trusted by the authorities of the bundle', async () => {
  const authority = await createAuthority('STS authority');
  const secure = await startStsPeer(await authority.issue(['localhost']));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, authority.cert);
  const endpoint = new URL(secure.url);
  try {
    assert.equal((await exchange({ endpoint, caFile })).session.accessKeyId, 'ASIAPEEREXAMPLE');
    const untrusted = await failureOf(exchange({ endpoint }));
    assert.equal(untrusted.code, 'STS_UNREACHABLE');
    assert.match(untrusted.message, /certificate.*AWS_CA_BUNDLE/);
    const missing = await failureOf(exchange({ endpoint, caFile: join(folder, 'none.pem') }));
    assert.match(missing.message, /none\.pem: does not exist/);
  } finally {
    await secure.close();
  }
});
