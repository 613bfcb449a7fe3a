import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { drain, listen } from '../../../lib/http/serve.ts';
import { asObject } from '../../../lib/json/json.ts';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { type AwsServer, clientOptions } from '../../aws/aws-server.ts';
import { startMinio } from '../../aws/minio.ts';
import { startRadosgw } from '../../aws/radosgw.ts';
import { createNamespace, createToken, expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { assumeRole } from '../../setup/aws/assume-role.ts';
import { commandsOf, runCommands } from '../../setup/install/page-commands.ts';
import { startHttpsFront } from '../../setup/on-premises/https-front.ts';
import { AUDIENCE, CONTENT, OBJECT, storeObject } from '../../setup/on-premises/on-premises.ts';

/** The unchanged commands of docs/on-premises.md, with https and a private CA everywhere. */
const PAGE = 'on-premises.md';
const HOSTS = { issuer: 'oidc.corp.example', ceph: 's3.corp.example', minio: 'minio.corp.example' } as const;

const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-on-premises-'));
after(() => rm(folder, { recursive: true, force: true }));
const authority = await createAuthority('corp');
await writeFile(path.join(folder, 'ca.crt'), authority.cert);
const cluster = await startControlPlane({ issuer: `https://${HOSTS.issuer}` });
after(() => cluster.stop());

const site = createServer(await authority.issue([HOSTS.issuer]), async ({ url = '/' }, response) => {
  const file = path.join(folder, 'site', path.normalize(url));
  const content = await readFile(file).catch(() => undefined);
  response.writeHead(content ? 200 : 404, { 'Content-Type': 'application/json' }).end(content);
});
await listen(site, 443, '127.0.0.2');
after(() => drain(site, 0));

const gateway = await startRadosgw(authority.cert);
after(() => gateway.stop());
const ceph = await gateway.tenant('');
const minio = await startMinio(folder);
after(() => minio.stop());
for (const [host, address, { url: upstream }] of [
  [HOSTS.ceph, '127.0.0.3', ceph],
  [HOSTS.minio, '127.0.0.4', minio],
] as const) {
  const front = await startHttpsFront({ host, address, upstream, authority });
  after(() => front.stop());
}
await storeObject(ceph, 'shop-files');
await storeObject(minio, 'media-files');

test('the keys are published', async () => {
  const { code, stdout, stderr } = await shell(await commandsOf(PAGE, 'issuer'));
  assert.equal(code, 0, stdout + stderr);
});

test('Ceph: the ServiceAccount gets the role, and its pods the addresses', async () => {
  await createNamespace(cluster, 'shop');
  const { code, stdout, stderr } = await shell(await commandsOf(PAGE, 'ceph'), {
    AWS_ACCESS_KEY_ID: ceph.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ceph.credentials.secretAccessKey,
  });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^shop\s+web\s.*\bbound\b/m);
  // The last command shows the changed manifest.
  assert.match(stdout, /name: AWS_ROLE_ARN\s+value: arn:aws:iam:::role\/shop-web$/m);
  assert.match(stdout, /name: AWS_ENDPOINT_URL_STS\s+value: https:\/\/s3\.corp\.example$/m);
  assert.match(stdout, /name: AWS_CA_BUNDLE$/m);
  assert.equal(await read(ceph, 'shop', 'web', 'shop-files'), CONTENT);
  await createAccount('shop', 'other');
  const token = await mint('shop', 'other');
  await assert.rejects(assumeRole(ceph, 'arn:aws:iam:::role/shop-web', token));
});

test('MinIO: the ServiceAccount gets the role, and no other can read', async () => {
  const { accessKeyId, secretAccessKey } = minio.credentials;
  const { code, stdout, stderr } = await shell(await commandsOf(PAGE, 'minio'), {
    MC_HOST_corp: `https://${accessKeyId}:${secretAccessKey}@${HOSTS.minio}`,
    SSL_CERT_DIR: folder,
  });
  assert.equal(code, 0, stdout + stderr);
  assert.equal(await read(minio, 'media', 'web', 'media-files'), CONTENT);
  await createAccount('media', 'other');
  await assert.rejects(read(minio, 'media', 'other', 'media-files', await roleOf('media', 'web')), {
    name: 'AccessDenied',
  });
});

/** Reads the object as a pod of the ServiceAccount does. */
async function read(
  server: AwsServer,
  namespace: string,
  account: string,
  bucket: string,
  role?: string,
): Promise<string | undefined> {
  const roleArn = role ?? (await roleOf(namespace, account));
  const session = await assumeRole(server, roleArn, await mint(namespace, account));
  const s3 = new S3Client({ ...clientOptions(server, session), forcePathStyle: true });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: OBJECT }));
  return Body?.transformToString();
}

async function roleOf(namespace: string, account: string): Promise<string> {
  const at = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}`;
  const { body } = await expectSuccess(cluster, 'GET', at);
  const { annotations } = asObject(asObject(body)?.['metadata']) ?? {};
  return String(asObject(annotations)?.['eks.amazonaws.com/role-arn']);
}

async function createAccount(namespace: string, name: string): Promise<void> {
  const at = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await expectSuccess(cluster, 'POST', at, { metadata: { name } });
}

function mint(namespace: string, account: string): Promise<string> {
  return createToken(cluster, namespace, account, { audience: AUDIENCE, expirationSeconds: 600 });
}

/** Runs commands in the folder with ca.crt, as a reader does. */
function shell(commands: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return runCommands(commands, { folder, kubeconfig: cluster.kubeconfig }, env);
}
