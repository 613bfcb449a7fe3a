import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { startIssuer, type TestIssuer } from '../testing/issuer.ts';
import { type Identity, type LocalSts, SESSION_ARN, startLocalSts } from '../testing/local-sts.ts';

let issuer: TestIssuer;
let sts: LocalSts;

before(async () => {
  issuer = await startIssuer();
  sts = await startLocalSts(issuer);
});

after(async () => {
  await sts.close();
  await issuer.close();
});

const identityCall = { Action: 'GetCallerIdentity', Version: '2011-06-15' };

test('an unsigned or half signed call is refused', async () => {
  assert.equal((await sts.send(identityCall)).code, 'MissingAuthenticationToken');
  const wrongScheme = await sts.send(identityCall, 'POST', { authorization: 'Basic YTpi' });
  assert.equal(wrongScheme.code, 'IncompleteSignature');
  const half = await sts.send(identityCall, 'POST', {
    authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/sts/aws4_request',
  });
  assert.equal(half.code, 'IncompleteSignature');
  assert.match(half.body, /requires 'Signature' parameter\. Authorization header requires 'SignedHeaders'/);
});

test('wrong credentials are refused, each by its code', async () => {
  const session = await sts.assume();
  const other = await sts.assume();
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
    await assert.rejects(
      sts.client(credentials).send(new GetCallerIdentityCommand({})),
      { name: code },
      name,
    );
  }
});

test('a signature is good for five minutes of clock, a session until it expires', async () => {
  const session = sts.client(await sts.assume());
  const identify = () => session.send(new GetCallerIdentityCommand({}));
  try {
    for (const [ahead, code] of [
      [290_000, undefined],
      [310_000, 'SignatureDoesNotMatch'],
      [-290_000, undefined],
      [-310_000, 'SignatureDoesNotMatch'],
    ] as const) {
      sts.aheadMs = ahead;
      if (code === undefined) assert.equal((await identify()).Arn, SESSION_ARN);
      else await assert.rejects(identify(), { name: code });
    }
    // Issued an hour and more ago by the clock of the STS, signed by its present one.
    sts.aheadMs = -3_610_000;
    const old = sts.client(await sts.assume({ nbf: undefined }));
    sts.aheadMs = 0;
    await assert.rejects(old.send(new GetCallerIdentityCommand({})), { name: 'ExpiredToken' });
  } finally {
    sts.aheadMs = 0;
  }
});

test('a signed request whose body was exchanged is refused', async () => {
  const signed: Record<string, string> = {};
  const session = sts.client(await sts.assume());
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
  assert.equal(
    (await sts.send({ ...identityCall, Extra: 'x' }, 'POST', headers)).code,
    'SignatureDoesNotMatch',
  );
});
