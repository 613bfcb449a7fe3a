import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  type CryptoKey,
  decodeJwt,
  decodeProtectedHeader,
  generateKeyPair,
  importPKCS8,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { startPodrole } from '../../../testing/processes/server-process.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { awsEnvironment, clientOptions } from '../../aws/aws-server.ts';
import { startRadosgw } from '../../aws/radosgw.ts';
import { createNamespace, createToken } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { logFolder } from '../../cluster/log-tails.ts';
import { assumeRole } from '../../setup/aws/assume-role.ts';
import { createServiceAccount } from '../../setup/pods/pods.ts';
import { runPodrole } from '../../setup/run-podrole.ts';

/**
 * The whole path with a third-party verifier: podrole publishes the keys of a real API server and creates
 * provider and role, and Ceph's radosgw verifies the tokens of the API server.
 */
const HOST = 'oidc.example.test';
const ISSUER = `https://${HOST}`;
const AUDIENCE = 'sts.amazonaws.com';
const LOG = path.join(logFolder(), 'radosgw.log');
/** radosgw logs EPERM for a valid token that the role does not trust, and EACCES for any other fault. */
const BY_TRUST_POLICY = /ERRORHANDLER: err_no=-1 /;
const READ_WRITE = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['s3:PutObject', 's3:GetObject'], Resource: ['arn:aws:s3:::shop-files/*'] },
  ],
};

const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-verify-'));
after(() => rm(folder, { recursive: true, force: true }));
const file = async (name: string, content: string) => {
  await writeFile(path.join(folder, name), content, { mode: 0o600 });
  return path.join(folder, name);
};
const authority = await createAuthority('issuers');
const { cert, key } = await authority.issue([HOST]);
const [cluster, radosgw] = await Promise.all([
  startControlPlane({ issuer: ISSUER }),
  startRadosgw(authority.cert),
]);
after(() => Promise.all([cluster.stop(), radosgw.stop()]));
await createNamespace(cluster, 'shop');
const admin = new S3Client(clientOptions(radosgw));
for (const Bucket of ['shop-files', 'other-files']) await admin.send(new CreateBucketCommand({ Bucket }));

const environment = {
  ...awsEnvironment(radosgw),
  KUBECONFIG: cluster.kubeconfig,
  NODE_EXTRA_CA_CERTS: await file('ca.crt', authority.cert),
};
const [publisher, publishedInMs] = await timed(
  startPodrole(
    [
      ...['publish', '--serve', '--x5c', '--issuer', ISSUER, '--host', '127.0.0.2', '--port', '443'],
      ...['--tls-cert', await file('tls.crt', cert), '--tls-key', await file('tls.key', key)],
    ],
    { from: 'bundle', env: environment },
  ),
);
after(() => publisher.stop('SIGKILL'));

const BIND = [
  ...['bind', '-n', 'shop', 'web', '--role-name', 'shop-web', '--ownership-tags=false'],
  ...[
    '--account-id',
    radosgw.account,
    '--policy-file',
    await file('policy.json', JSON.stringify(READ_WRITE)),
  ],
];
const ROLE = `arn:aws:iam::${radosgw.account}:role/shop-web`;

test('podrole creates the provider, and the role with its ServiceAccount', async (t) => {
  const ensure = ['provider', 'ensure', '--account-id', radosgw.account, '--approve'];
  const [ensured, ensuredInMs] = await timed(runPodrole(ensure, environment));
  assert.equal(ensured.code, 0, ensured.stderr);
  const [bound, boundInMs] = await timed(runPodrole([...BIND, '--approve'], environment));
  assert.equal(bound.code, 0, bound.stdout + bound.stderr);
  t.diagnostic(`publish: ready in ${publishedInMs} ms; provider: ${ensuredInMs} ms; bind: ${boundInMs} ms`);
  const { body } = await cluster.request('GET', '/api/v1/namespaces/shop/serviceaccounts/web');
  const { annotations } = (body as { metadata: { annotations: Record<string, string> } }).metadata;
  assert.equal(annotations['eks.amazonaws.com/role-arn'], ROLE);
});

test('binding again changes nothing', async () => {
  const again = await runPodrole([...BIND, '--approve'], environment);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.match(again.stdout, /no changes/i);
});

test('a token of the ServiceAccount can assume the role, which allows what its policy allows and nothing else', async (t) => {
  const [credentials, exchangedInMs] = await timed(assumeRole(radosgw, ROLE, await mint()));
  t.diagnostic(`exchange: ${exchangedInMs} ms`);
  const session = new S3Client(clientOptions(radosgw, credentials));
  await session.send(new PutObjectCommand({ Bucket: 'shop-files', Key: 'a.txt', Body: 'a' }));
  const { Body } = await session.send(new GetObjectCommand({ Bucket: 'shop-files', Key: 'a.txt' }));
  assert.equal(await Body?.transformToString(), 'a');
  await admin.send(new PutObjectCommand({ Bucket: 'other-files', Key: 'a.txt', Body: 'a' }));
  for (const command of [
    new GetObjectCommand({ Bucket: 'other-files', Key: 'a.txt' }),
    new PutObjectCommand({ Bucket: 'other-files', Key: 'a.txt', Body: 'b' }),
  ])
    await assert.rejects(session.send(command as GetObjectCommand), { name: 'AccessDenied' });
});

test('radosgw refuses', async (t) => {
  await createNamespace(cluster, 'other');
  await createServiceAccount(cluster, 'other', 'web');
  await createServiceAccount(cluster, 'shop', 'api');
  const good = await mint();
  const [, payload] = good.split('.');
  const stolen = await mint({ serviceAccount: 'api' });
  const refused: readonly [name: string, reason: RegExp, token: string][] = [
    [
      'the ServiceAccount of the same name in another namespace',
      BY_TRUST_POLICY,
      await mint({ namespace: 'other' }),
    ],
    ['another ServiceAccount of the namespace', BY_TRUST_POLICY, stolen],
    [
      'a token for another audience',
      /Client id in token doesn't match/,
      await mint({ audience: 'vault.example.test' }),
    ],
    [
      'a token that has expired',
      /token expired/,
      await resign(good, { iat: 1_000_000_000, nbf: 1_000_000_000, exp: 1_000_003_600 }),
    ],
    [
      "another ServiceAccount's token with the claims of the right one",
      /rsa routines::/,
      stolen
        .split('.')
        .with(1, payload ?? '')
        .join('.'),
    ],
    [
      'the right claims signed by another key under the same id',
      /rsa routines::/,
      await resign(good, {}, (await generateKeyPair('RS256')).privateKey),
    ],
  ];
  for (const [name, reason, token] of refused)
    await t.test(name, async () => {
      const logged = (await readFile(LOG, 'utf8')).length;
      await assert.rejects(assumeRole(radosgw, ROLE, token), hasStatus(403));
      // The SDK gets no details: only the log shows that the reason was the right one.
      await waitFor(
        async () => reason.test((await readFile(LOG, 'utf8')).slice(logged)),
        `${reason} in ${LOG}`,
      );
    });
  await t.test(
    'none of them where nothing is wrong: the same claims signed again by the same key',
    async () => assert.ok(await assumeRole(radosgw, ROLE, await resign(good, {}))),
  );
});

/** Returns the result, and the time in milliseconds. */
async function timed<T>(action: Promise<T>): Promise<[T, number]> {
  const began = performance.now();
  return [await action, Math.round(performance.now() - began)];
}

function mint({ namespace = 'shop', serviceAccount = 'web', audience = AUDIENCE } = {}): Promise<string> {
  return createToken(cluster, namespace, serviceAccount, { audience, expirationSeconds: 3_600 });
}

/** Returns the token with other claims, signed with the API server's key or with another one. */
async function resign(token: string, claims: JWTPayload, signingKey?: CryptoKey): Promise<string> {
  const pem = await readFile(cluster.serviceAccountKey, 'utf8');
  const { kid = '' } = decodeProtectedHeader(token);
  return new SignJWT({ ...decodeJwt(token), ...claims })
    .setProtectedHeader({ alg: 'RS256', kid })
    .sign(signingKey ?? (await importPKCS8(pem, 'RS256')));
}

function hasStatus(status: number) {
  return (thrown: unknown) =>
    (thrown as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === status;
}
