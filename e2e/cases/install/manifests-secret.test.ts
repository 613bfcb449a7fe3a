import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { asObject, type JsonObject } from '../../../lib/json/json.ts';
import { createNamespace, expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectKubectl, NAMESPACE } from '../../setup/install/install-podrole.ts';
import { helm, MANIFESTS } from '../../setup/install/manifest-renderers.ts';
import { readObject, SECRET, SECRETS } from '../../setup/webhook/stolen-token.ts';

/**
 * The shipped Secret has no data, so that every way to apply the manifests again keeps the webhook's data.
 */
const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const OVERLAY = ['-k', path.join(MANIFESTS, 'overlays/default')];
const CHART = path.join(MANIFESTS, 'helm');
const NAME = 'podrole-webhook-tls';
const written = (text: string) => ({
  'tls.crt': base64(text),
  'tls.key': base64(text),
  'ca.crt': base64(text),
});
const base64 = (text: string) => Buffer.from(text).toString('base64');
/** A Secret as an earlier webhook created it, which still had the right. */
const OF_BEFORE = {
  metadata: {
    name: NAME,
    labels: { 'app.kubernetes.io/name': 'podrole', 'app.kubernetes.io/managed-by': 'podrole' },
    annotations: { 'podrole.dev/description': 'Made and renewed by podrole webhook' },
  },
  type: 'kubernetes.io/tls',
  data: written('live'),
};

const byHelm = async (...args: readonly string[]) => {
  const where = [`--kubeconfig=${cluster.kubeconfig}`, `--namespace=${NAMESPACE}`];
  const { code, stdout, stderr } = await helm(...args, ...where);
  assert.equal(code, 0, stdout + stderr);
};
const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  'kubectl apply': () => expectKubectl(cluster, ['apply', ...OVERLAY]),
  'kubectl apply --server-side': () =>
    expectKubectl(cluster, ['apply', '--server-side', '--force-conflicts', ...OVERLAY]),
  'helm upgrade': () => byHelm('upgrade', '--install', 'podrole', CHART),
};

/** Fills the Secret as the webhook does. */
async function fill(text: string): Promise<void> {
  const object = await readObject(cluster, SECRET);
  await expectSuccess(cluster, 'PUT', SECRET, {
    ...object,
    data: { ...asObject(object['data']), ...written(text) },
  });
}

const held = async (): Promise<readonly unknown[]> => {
  const { data, type } = await readObject(cluster, SECRET);
  return [type, data];
};

for (const [way, apply] of Object.entries(ways)) {
  test(`${way}: an earlier Secret keeps its certificate; a new one is filled, and stays filled`, async () => {
    await createNamespace(cluster, NAMESPACE);
    await expectSuccess(cluster, 'POST', SECRETS, OF_BEFORE);
    for (let times = 0; times < 2; times += 1) {
      await apply();
      assert.deepEqual(await held(), [OF_BEFORE.type, OF_BEFORE.data]);
    }
    await expectSuccess(cluster, 'DELETE', SECRET);
    await apply();
    const made = await readObject(cluster, SECRET);
    assert.deepEqual([made['type'], made['data']], ['Opaque', undefined]);
    await fill('first');
    await apply();
    await fill('second');
    await apply();
    assert.deepEqual(await held(), ['Opaque', written('second')]);
    await uninstall(way);
  });
}

test('a Secret of type kubernetes.io/tls cannot be shipped: it must contain its keys, so that each apply empties it', async () => {
  await createNamespace(cluster, 'tls');
  const at = '/api/v1/namespaces/tls/secrets/shipped';
  const shipped: JsonObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'shipped', namespace: 'tls' },
    type: 'kubernetes.io/tls',
  };
  const apply = (object: JsonObject) =>
    cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) });
  assert.match((await apply(shipped)).stderr, /data\[tls\.crt\]: Required value/);
  const empty = { ...shipped, data: { 'tls.crt': '', 'tls.key': '' } };
  assert.equal((await apply(empty)).code, 0);
  await expectSuccess(cluster, 'PATCH', at, { data: written('live') });
  assert.equal((await apply(empty)).code, 0);
  assert.equal(asObject((await readObject(cluster, at))['data'])?.['tls.crt'], '');
});

test('helm refuses a second podrole in the cluster, whatever its name and whoever installed the first', async () => {
  const second = async (...args: readonly string[]) => {
    const where = [`--kubeconfig=${cluster.kubeconfig}`, '--namespace=second', '--create-namespace'];
    const { code, stderr } = await helm('install', 'second', CHART, ...where, ...args);
    assert.notEqual(code, 0);
    return stderr;
  };
  await byHelm('install', 'podrole', CHART, '--create-namespace');
  for (const args of [[], ['--set=fullnameOverride=second']]) {
    assert.match(
      await second(...args),
      /podrole is already installed in this cluster: MutatingWebhookConfiguration podrole belongs to release podrole in namespace podrole; upgrade that installation, or remove it first/,
    );
  }
  // Its own upgrade is not a second one.
  await byHelm('upgrade', 'podrole', CHART);
  await uninstall('helm');
  await expectKubectl(cluster, ['apply', ...OVERLAY]);
  assert.match(
    await second('--set=fullnameOverride=second'),
    /MutatingWebhookConfiguration podrole belongs to an installation without helm/,
  );
  await uninstall('kubectl');
});

async function uninstall(way: string): Promise<void> {
  if (way.startsWith('helm')) await byHelm('uninstall', 'podrole', '--wait');
  else await expectKubectl(cluster, ['delete', ...OVERLAY, '--ignore-not-found']);
  await expectKubectl(cluster, ['delete', 'namespace', NAMESPACE, '--ignore-not-found']);
}
