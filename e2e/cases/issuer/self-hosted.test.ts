import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CreateRoleCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { parse, stringify } from 'yaml';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { awsEnvironment, clientOptions } from '../../aws/aws-server.ts';
import { startMoto } from '../../aws/moto.ts';
import { startRadosgw } from '../../aws/radosgw.ts';
import { createToken } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { startBucketFront } from '../../setup/aws/bucket-front.ts';
import { commandsOf, runCommands } from '../../setup/install/page-commands.ts';

/**
 * The unchanged commands of docs/self-hosted.md: a control plane like kubeadm's, S3 from radosgw, IAM from
 * moto.
 */
const root = fileURLToPath(new URL('../../../', import.meta.url));
const BUCKET = 'podrole-keys';
const ISSUER_HOST = `${BUCKET}.s3.us-east-1.amazonaws.com`;
const ISSUER = `https://${ISSUER_HOST}`;
/** The issuer that kubeadm sets. */
const KUBEADM_ISSUER = 'https://kubernetes.default.svc.cluster.local';
/** Address of the API server that kubeadm configures for kubelet. */
const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const AUDIENCE = 'sts.amazonaws.com';
const MOST_COMMANDS = 6;

const commands = await commandsOf('self-hosted.md');
const [editManifest = '', ...others] = commands;
const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-self-hosted-'));
after(() => rm(folder, { recursive: true, force: true }));
const authority = await createAuthority('public authority');
const authorityFile = path.join(folder, 'public-ca.crt');
await writeFile(authorityFile, authority.cert);

const [cluster, radosgw, moto] = await Promise.all([
  startControlPlane({ issuer: KUBEADM_ISSUER }),
  startRadosgw(authority.cert),
  startMoto(),
]);
after(() => Promise.all([cluster.stop(), radosgw.stop(), moto.stop()]));
// Anonymous requests to radosgw must name the tenant of the bucket.
const front = await startBucketFront(`${radosgw.url}/${radosgw.account}:${BUCKET}`, ISSUER_HOST, authority);
after(() => front.stop());
// Every AWS account has this role; moto starts without roles.
await new IAMClient(clientOptions(moto)).send(
  new CreateRoleCommand({
    RoleName: 'AWSServiceRoleForSupport',
    Path: '/aws-service-role/support.amazonaws.com/',
    AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}',
  }),
);
const oldToken = await createDefaultToken();

test('the page needs at most six commands', () => {
  assert.ok(commands.length <= MOST_COMMANDS, `${commands.length} commands`);
});

test('the API server signs for the new issuer and still accepts tokens of the old one', async () => {
  await mkdir(path.dirname(MANIFEST), { recursive: true });
  await writeFile(MANIFEST, stringify(staticPod(cluster.apiServerArguments)));
  const { code, stderr } = await shell(editManifest);
  assert.equal(code, 0, stderr);
  await cluster.stopApiServer();
  await cluster.startApiServer(argumentsOf(parse(await readFile(MANIFEST, 'utf8'))));
  const review = { spec: { token: oldToken } };
  const { body } = await cluster.request('POST', '/apis/authentication.k8s.io/v1/tokenreviews', review);
  assert.equal((body as { status: { authenticated?: boolean } }).status.authenticated, true);
});

test('after the other commands the ServiceAccount is bound', async (t) => {
  for (const command of others) {
    const began = performance.now();
    const { code, stdout, stderr } = await shell(command);
    t.diagnostic(`${Math.round(performance.now() - began)} ms: ${command}`);
    assert.equal(code, 0, `${command}\n${stdout}\n${stderr}`);
    if (command === others.at(-1)) assert.match(stdout, /^shop\s+web\s.*\bbound\b/m);
  }
  const { Role } = await new IAMClient(clientOptions(moto)).send(
    new GetRoleCommand({ RoleName: 'shop-web' }),
  );
  const { body } = await cluster.request('GET', '/api/v1/namespaces/shop/serviceaccounts/web');
  const { metadata } = body as { metadata: { annotations: Record<string, string> } };
  assert.equal(metadata.annotations['eks.amazonaws.com/role-arn'], Role?.Arn);
});

test('its token verifies with the public documents, and nothing else is public', async () => {
  const token = await createToken(cluster, 'shop', 'web', { audience: AUDIENCE, expirationSeconds: 600 });
  const published = `${radosgw.url}/${radosgw.account}:${BUCKET}`;
  const keys = createRemoteJWKSet(new URL(`${ISSUER}/openid/v1/jwks`), {
    [customFetch]: (url, init) => fetch(url.replace(ISSUER, published), init),
  });
  const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE });
  assert.equal(payload.sub, 'system:serviceaccount:shop:web');
  assert.equal((await fetch(published)).status, 403);
});

function createDefaultToken(): Promise<string> {
  return createToken(cluster, 'default', 'default', {
    audience: 'https://kubernetes.default.svc',
    expirationSeconds: 3_600,
  });
}

/** Returns a static pod like kubeadm's, with the API server's command line. */
function staticPod(args: readonly string[]): object {
  const command = ['kube-apiserver', ...args];
  return { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'kube-apiserver', command }] } };
}

function argumentsOf(pod: { spec: { containers: { command: string[] }[] } }): string[] {
  return pod.spec.containers[0]?.command.slice(1) ?? [];
}

/** Runs commands in the checkout, as a reader does. */
function shell(command: string) {
  return runCommands(
    [command],
    { folder: root, home: folder, kubeconfig: cluster.kubeconfig },
    {
      ...awsEnvironment(moto),
      AWS_ENDPOINT_URL_S3: radosgw.url,
      AWS_ACCESS_KEY_ID: radosgw.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: radosgw.credentials.secretAccessKey,
      // The front of the bucket has a loopback address, and its certificate is not from a public authority.
      NODE_EXTRA_CA_CERTS: authorityFile,
      PODROLE_VERIFY_CONNECT_TO: `${ISSUER_HOST}:443`,
    },
  );
}
