import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asArray } from '../../lib/json/json.ts';
import {
  CERTIFICATE_NAMES,
  type CertificateCluster,
  installedConfiguration,
} from '../../testing/certificates/cluster.ts';
import {
  assertWell,
  bundleTexts,
  SOON_MS,
  secretOf,
  settledScene,
} from '../../testing/certificates/scene.ts';
import { parseBundle } from './objects/ca-bundle.ts';
import { mintPair } from './objects/mint.ts';
import { serviceHosts } from './objects/webhook-configuration.ts';

const hosts = serviceHosts(CERTIFICATE_NAMES.service);

test('a renewal waits until the next CA has been trusted for a while, and keeps the old one', async () => {
  const scene = await settledScene(() => {}, 600_000);
  const { cluster, first } = scene;
  const { writes } = cluster;
  const old = first.served();
  assert.ok(old);
  const authorities = () => [...parseBundle(bundleTexts(cluster)[0]).authorities.keys()];
  const written = async (count: number) => {
    while (writes.length < count) await scene.pass(200);
    return scene.nowMs();
  };
  const patchedMs = await written(4);
  assert.ok(patchedMs >= 400_000 && patchedMs < 420_000, `${patchedMs} ms`);
  assert.deepEqual(writes.slice(2), ['PUT Secret', 'PATCH MutatingWebhookConfiguration']);
  assert.equal(authorities().length, 2);
  const waitedMs = (await written(5)) - patchedMs;
  assert.ok(waitedMs >= 9_800, `${waitedMs} ms`);
  await scene.pass(SOON_MS);
  assertWell(scene);
  assert.notEqual(first.served()?.cert, old.cert);
  await scene.pass(590_000 - scene.nowMs());
  assert.ok(authorities().includes(old.caId));
  await scene.pass(650_000 - scene.nowMs());
  assert.deepEqual(authorities(), [first.served()?.caId]);
  assertWell(scene);
});

test('a pair that appears in the Secret is served once it is trusted, and not before', async () => {
  const scene = await settledScene();
  const { cluster, first } = scene;
  const before = first.served()?.cert;
  const backup = await mintPair(hosts, new Date('2026-03-01'));
  cluster.refuse = (method) =>
    method === 'PATCH' ? { status: 403, body: { message: 'patch is not allowed' } } : undefined;
  cluster.secret = { ...secretOf(backup), metadata: { resourceVersion: 'restored' } };
  await scene.pass(SOON_MS);
  assert.equal(first.served()?.cert, before);
  assert.deepEqual(first.notReady(), []);
  assert.match(
    first.log.text(),
    /CERTIFICATE_REFUSED.*allow this account get and patch on the MutatingWebhook/,
  );
  cluster.refuse = () => undefined;
  await scene.pass(SOON_MS);
  assert.equal(first.served()?.cert, backup.cert);
  assertWell(scene);
});

test('without permissions, or without an API server, a new replica reports what is missing', async (t) => {
  const forbidden = { status: 403, body: { message: 'secrets is forbidden' } };
  const cases: [name: string, refuse: CertificateCluster['refuse'], reason: RegExp][] = [
    [
      'may not read the Secret',
      (_, kind) => (kind === 'Secret' ? forbidden : undefined),
      /get and update on the Secret/,
    ],
    [
      'may not make the Secret',
      (method) => (method === 'POST' ? forbidden : undefined),
      /kubectl create secret generic podrole-webhook-tls --namespace podrole; the webhook fills it/,
    ],
    [
      'may not read the configuration',
      (_, kind) => (kind === 'Secret' ? undefined : forbidden),
      /has not been read yet.*get and patch/,
    ],
    [
      'may not change the configuration',
      (method) => (method === 'PATCH' ? forbidden : undefined),
      /required\.pods\.podrole\.dev.*get and patch/,
    ],
    ['is answered nonsense', () => ({ status: 502, body: undefined }), /answered 502/],
  ];
  for (const [name, refuse, reason] of cases) {
    await t.test(name, async () => {
      const scene = await settledScene((cluster) => {
        cluster.refuse = refuse;
      });
      assert.match(scene.first.notReady().join(' '), reason);
      assert.ok(scene.made() <= 2, 'none is made again and again');
      assert.equal(scene.first.log.text().match(/certificate check failed/g)?.length, 1);
      scene.cluster.refuse = () => undefined;
      await scene.pass(SOON_MS);
      assertWell(scene);
      assert.match(scene.first.log.text(), /certificate check works again/);
    });
  }
});

test('replicas that lose the API server stay ready, and keep serving their certificate', async () => {
  const scene = await settledScene();
  const before = scene.first.served()?.cert;
  scene.cluster.refuse = () => ({ status: 500, body: {} });
  await scene.pass(3_600_000, 2_000);
  assertWell(scene);
  assert.equal(scene.first.served()?.cert, before);
});

test('a replica is ready without a configuration, but not with one that leads elsewhere', async () => {
  const scene = await settledScene((cluster) => {
    cluster.configuration = undefined;
  });
  assertWell(scene);
  assert.match(scene.first.log.text(), /MutatingWebhookConfiguration podrole.*does not exist/);
  scene.cluster.configuration = installedConfiguration();
  await scene.pass(SOON_MS);
  assertWell(scene);
  const [, , neighbour] = asArray(installedConfiguration()['webhooks']) ?? [];
  scene.cluster.configuration = { ...installedConfiguration(), webhooks: [neighbour] };
  await scene.pass(SOON_MS);
  assert.match(scene.first.notReady().join(), /no webhook that leads to Service podrole\/podrole-webhook/);
});

test('the Secret of a cert-manager Certificate is left alone', async () => {
  const pair = await mintPair(hosts, new Date('2026-03-01'));
  const annotations = { 'cert-manager.io/certificate-name': 'webhook' };
  const secret = { ...secretOf(pair), metadata: { resourceVersion: '1', annotations } };
  const scene = await settledScene((cluster) => {
    cluster.secret = secret;
  });
  assert.match(scene.first.notReady().join(), /maintained by cert-manager.*--tls-secret/);
  assert.equal(scene.cluster.secret, secret);
});
