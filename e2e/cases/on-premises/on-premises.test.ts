import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startPodrole } from '../../../testing/processes/server-process.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { type AwsServer, awsEnvironment, clientOptions } from '../../aws/aws-server.ts';
import { createToken } from '../../cluster/api-objects.ts';
import { installedSdks } from '../../sdks/installed.ts';
import { redirectMetadata } from '../../sdks/metadata-network.ts';
import { startClient } from '../../sdks/run-client.ts';
import { sdksIn } from '../../sdks/sdks.ts';
import { assumeRole } from '../../setup/aws/assume-role.ts';
import { expectRole, TOKEN_MOUNT_PATH } from '../../setup/aws/expect-identity.ts';
import { AUDIENCE, BUCKET, CONTENT, OBJECT, startOnPremises } from '../../setup/on-premises/on-premises.ts';
import { createPod, createServiceAccount, environmentOf, type StoredPod } from '../../setup/pods/pods.ts';
import { runPodrole } from '../../setup/run-podrole.ts';
import { prepareWebhook } from '../../setup/webhook/webhook-site.ts';

/**
 * Pods and S3 without AWS: the webhook gives a pod a role of Ceph or MinIO and the address of its server, and
 * unmodified SDKs find both in the pod's variables, or ask the sidecar.
 */
const SIDECAR_IMAGE = 'registry.example.test/podrole:1';
/** Web identity of another STS needs an SDK that reads AWS_ENDPOINT_URL_STS. */
const WEB_IDENTITY = ['boto3 1.44.8', 'JavaScript @aws-sdk/client-s3 3'];
/** SDKs that know only instance metadata, or only container credentials. */
const BY_SIDECAR = ['boto 2.49.0', 'JavaScript aws-sdk 2.4.0', 'aws-sdk-go 1.20.0', 's3cmd of Debian'];

const place = await startOnPremises();
after(() => place.stop());
const { cluster } = place;
const site = await prepareWebhook(cluster);
after(() => site.stop());
await site.start(['--aws-region', 'us-east-1', '--sidecar-image', SIDECAR_IMAGE]);
after(await redirectMetadata());
const sdks = sdksIn(installedSdks(process.env['PODROLE_E2E_SDKS']));
const sdk = (wanted: string) => sdks.find(({ name }) => name === wanted) ?? assert.fail(`no SDK ${wanted}`);

const policy = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:ListBucket'],
      Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
    },
  ],
};

describe('Ceph, default tenant', () => {
  const namespace = 'ceph';
  const ROLE = 'arn:aws:iam:::role/plain-web';
  bindAndUse({ namespace, server: place.ceph, role: ROLE, account: 'none' });
});

describe('Ceph, a tenant with a name', () => {
  const namespace = 'ceph-tenant';
  const ROLE = 'arn:aws:iam::tenant1:role/plain-web';
  bindAndUse({ namespace, server: place.cephTenant, role: ROLE, account: 'tenant1' });
});

describe('MinIO', () => {
  const namespace = 'minio';
  const { minio } = place;
  const role = minio.roleArn ?? assert.fail('MinIO has no role');
  test('the ServiceAccount is annotated with the role that MinIO prints', async () => {
    await site.register(namespace);
    await createServiceAccount(cluster, namespace, 'web', role, endpointAnnotations(minio));
  });
  use({ namespace, server: minio, role });
});

interface Bound {
  readonly namespace: string;
  readonly server: AwsServer;
  readonly role: string;
}

function bindAndUse({ account, ...bound }: Bound & { readonly account: string }): void {
  const { namespace, server, role } = bound;
  const podrole = (...args: string[]) =>
    runPodrole(args, {
      ...awsEnvironment(server),
      KUBECONFIG: cluster.kubeconfig,
      NODE_EXTRA_CA_CERTS: place.caFile,
    });
  const bind = async (...more: string[]) => {
    const policyFile = await place.file('policy.json', JSON.stringify(policy));
    return podrole(
      ...['bind', '-n', namespace, 'web', '--role-name', 'plain-web', '--policy-file', policyFile],
      ...['--ownership-tags=false', '--account-id', account, ...more],
    );
  };
  test('podrole bind makes provider, role and ServiceAccount, and a second run changes nothing', async () => {
    await site.register(namespace);
    await createServiceAccount(cluster, namespace, 'web', undefined, endpointAnnotations(server));
    const bound = await bind('--approve');
    assert.equal(bound.code, 0, bound.stdout + bound.stderr);
    const again = await bind('--exit-code');
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.match(again.stdout, /no changes/i);
  });
  test('podrole list says that it is bound', async () => {
    const { code, stdout, stderr } = await podrole('list', '-n', namespace);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^\S+\s+web\s.*\bbound\b/m, stdout);
    assert.ok(stdout.includes(role), stdout);
  });
  use(bound);
  test('a token of another ServiceAccount gets nothing', async () => {
    await assert.rejects(assumeRole(server, role, await mint(namespace, 'probe')));
  });
  test('podrole unbind removes the annotation, and says that a role without tags is left', async () => {
    const unbind = ['unbind', '-n', namespace, 'web', '--role-name', 'plain-web', '--account-id', account];
    const { code, stdout, stderr } = await podrole(...unbind, '--approve');
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout + stderr, /role plain-web .* is left unchanged; delete it if nothing needs it/);
    const { body } = await cluster.request('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/web`);
    assert.ok(!JSON.stringify(body).includes(role), 'the annotation is gone');
  });
}

/** Tests a pod of ServiceAccount `web`, which is bound to the role. */
function use({ namespace, server, role }: Bound): void {
  let pod: StoredPod;
  let tokenFile: string;
  test('its pod has role, token, and the addresses of STS and S3', async () => {
    const annotations = { 'podrole.dev/sidecar': 'metadata' };
    pod = await createPod(cluster, namespace, 'web', { annotations });
    const { audience = '' } = expectRole(pod, 'app', role);
    const { AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL_S3 } = environmentOf(pod, 'app');
    assert.deepEqual([AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL_S3], [server.url, server.url]);
    // As kubelet writes it.
    const token = await createToken(cluster, namespace, 'web', { audience, expirationSeconds: 3_600 });
    tokenFile = await place.file(`token-${namespace}`, token);
  });

  for (const name of WEB_IDENTITY) {
    test(`reads by web identity: ${name}`, async () => {
      const { AWS_CONTAINER_CREDENTIALS_FULL_URI: _, ...env } = variablesOf(pod, 'app', tokenFile);
      const client = await startClient(sdk(name), { endpoint: '', bucket: BUCKET, key: OBJECT }, env);
      await client.get();
      const { code, stdout, stderr } = await client.end();
      assert.deepEqual([code, stdout], [0, CONTENT], stderr);
    });
  }

  test('reads by the sidecar, with SDKs that do not know web identity', async () => {
    const env = variablesOf(pod, 'podrole-sidecar', tokenFile);
    const sidecar = await startPodrole(['sidecar', '--imdsv2', 'optional'], { from: 'bundle', env });
    try {
      const ready = `http://127.0.0.1:${sidecar.listening['metricsPort']}/readyz`;
      await waitFor(async () => (await fetch(ready)).ok, 'a session of the sidecar');
      for (const name of BY_SIDECAR) {
        const object = { endpoint: server.url, bucket: BUCKET, key: OBJECT };
        const client = await startClient(sdk(name), object, {});
        await client.get();
        const { code, stdout, stderr } = await client.end();
        assert.deepEqual([name, code, stdout], [name, 0, CONTENT], stderr);
      }
    } finally {
      await sidecar.stop('SIGKILL');
    }
  });

  test('may not write, and a token of another audience gets nothing', async () => {
    const own = await assumeRole(server, role, await mint(namespace, 'web'));
    const s3 = new S3Client({ ...clientOptions(server, own), forcePathStyle: true });
    const write = new PutObjectCommand({ Bucket: BUCKET, Key: OBJECT, Body: 'changed' });
    await assert.rejects(s3.send(write), { name: 'AccessDenied' });
    await assert.rejects(assumeRole(server, role, await mint(namespace, 'web', 'vault.example.test')));
  });
}

function mint(namespace: string, account: string, audience = AUDIENCE): Promise<string> {
  return createToken(cluster, namespace, account, { audience, expirationSeconds: 600 });
}

function endpointAnnotations({ url }: AwsServer): Record<string, string> {
  return { 'podrole.dev/sts-endpoint-url': url, 'podrole.dev/s3-endpoint-url': url };
}

/** Returns the variables of a container as kubelet sets them, with the token at a path of this machine. */
function variablesOf(pod: StoredPod, container: string, tokenFile: string): Record<string, string> {
  const all = Object.entries(environmentOf(pod, container));
  return Object.fromEntries(
    all
      .filter(([, value]) => !value.includes('$('))
      .map(([name, value]) => [name, value === `${TOKEN_MOUNT_PATH}/token` ? tokenFile : value]),
  );
}
