import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Identity, SESSION_ARN, useLocalSts } from '../../testing/aws/local-sts.ts';
import { useIssuer } from '../../testing/oidc/issuer.ts';

const issuer = await useIssuer();
const sts = await useLocalSts(issuer);

const identityCall = { Action: 'GetCallerIdentity', Version: '2011-06-15' };

test('an unsigned or partly signed call is refused', async () => {
  assert.equal((await sts.send(identityCall)).code, 'MissingAuthenticationToken');
  const wrongScheme = await sts.send(identityCall, 'POST', { authorization: 'Basic YTpi' });
  assert.equal(wrongScheme.code, 'IncompleteSignature');
  const half = await sts.send(identityCall, 'POST', {
    authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/sts/aws4_request',
  });
  assert.equal(half.code, 'IncompleteSignature');
  assert.match(half.body, /requires 'Signature' parameter\. Authorization header requires 'SignedHeaders'/);
});

test('wrong credentials are refused, each with its code', async () => {
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

test('a signature is valid within five minutes, a session until it expires', async () => {
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
    // Issued more than an hour ago by the clock of the STS, signed by its current time.
    sts.aheadMs = -3_610_000;
    const old = sts.client(await sts.assume({ nbf: undefined }));
    sts.aheadMs = 0;
    await assert.rejects(old.send(new GetCallerIdentityCommand({})), { name: 'ExpiredToken' });
  } finally {
    sts.aheadMs = 0;
  }
});

test('a signed request whose body was replaced is refused', async () => {
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

test('a GET is signed with its query, a body hash is compared with the body', async () => {
  const credentials = await sts.assume();
  const signer = new SignatureV4({
    service: 'sts',
    region: 'us-east-1',
    credentials,
    sha256: sts.client().config.sha256,
  });
  const query = { ...identityCall, Extra: "a b/+ü~'*" };
  const { host } = new URL(sts.url);
  const request = { method: 'GET', protocol: 'http:', hostname: host, path: '/', headers: { host }, query };
  const { headers } = await signer.sign(request);
  const got = await sts.send(query, 'GET', headers);
  assert.equal(got.response.status, 200, got.body);
  assert.equal((await sts.send({ ...query, Extra: 'b' }, 'GET', headers)).code, 'SignatureDoesNotMatch');
  const posted = await signer.sign({
    ...request,
    method: 'POST',
    query: {},
    body: new URLSearchParams(identityCall).toString(),
  });
  assert.ok(posted.headers['x-amz-content-sha256']);
  const exchanged = await sts.send({ ...identityCall, Extra: 'x' }, 'POST', posted.headers);
  assert.equal(exchanged.code, 'SignatureDoesNotMatch');
  assert.match(exchanged.body, /SHA-256 of the body/);
});
