import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asArray, asObject, type JsonObject } from '../../lib/json.ts';
import {
  type CertificateCluster,
  createCertificateCluster,
  installedRegistration,
} from '../../testing/certificate-cluster.ts';
import {
  type CertificateReplica,
  createReplicaSite,
  type ReplicaSite,
} from '../../testing/certificate-replicas.ts';
import { createAuthority } from '../../testing/certificates.ts';
import { composeBundle, parseBundle } from './ca-bundle.ts';
import { mintPair } from './mint.ts';

const DAY_MS = 86_400_000;
const LIFETIME_MS = 90 * DAY_MS;
/** Longer than a look, and than a renewal takes. */
const SOON_MS = 30_000;

const { cert: foreignCa } = await createAuthority('foreign');
const oldAuthority = await createAuthority('podrole-webhook-ca old');
const hosts = ['podrole-webhook.podrole.svc', 'podrole-webhook.podrole.svc.cluster.local'];
const issueOld = (names: readonly string[], from: string, until: string) =>
  oldAuthority.issue(names, { notBeforeDate: new Date(from), notAfterDate: new Date(until) });
const expired = await mintPair(hosts, new Date('2025-12-31'));
const future = await issueOld(hosts, '2030-01-01', '2030-03-31');
const misnamed = await issueOld(['other.podrole.svc'], '2025-01-01', '2027-01-01');

interface Scene extends ReplicaSite {
  readonly cluster: CertificateCluster;
  readonly first: CertificateReplica;
  readonly second: CertificateReplica;
}

/** Two replicas, of which the second has started a little later. */
async function settled(prepare: (cluster: CertificateCluster) => void = () => {}): Promise<Scene> {
  const cluster = createCertificateCluster();
  cluster.registration = installedRegistration();
  prepare(cluster);
  const site = createReplicaSite(LIFETIME_MS);
  const first = site.start(cluster);
  await site.pass(400);
  const second = site.start(cluster);
  await site.pass(SOON_MS);
  return { ...site, cluster, first, second };
}

function secretOf({
  cert,
  key,
  ca = oldAuthority.cert,
}: {
  cert: string;
  key: string;
  ca?: string;
}): JsonObject {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return {
    metadata: { name: 'podrole-webhook-tls', resourceVersion: '1' },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(cert), 'tls.key': base64(key), 'ca.crt': base64(ca) },
  };
}

function change(cluster: CertificateCluster, data: JsonObject): void {
  const metadata = { ...asObject(cluster.secret?.['metadata']), resourceVersion: 'changed' };
  cluster.secret = { ...cluster.secret, metadata, data: { ...asObject(cluster.secret?.['data']), ...data } };
}

function bundleTexts({ registration }: CertificateCluster): readonly unknown[] {
  return (asArray(registration?.['webhooks']) ?? []).map(
    (webhook) => asObject(asObject(webhook)?.['clientConfig'])?.['caBundle'],
  );
}

function overwrite(cluster: CertificateCluster, caBundle: string): void {
  const webhooks = asArray(cluster.registration?.['webhooks'])?.map((value) => {
    const webhook = asObject(value);
    return { ...webhook, clientConfig: { ...asObject(webhook?.['clientConfig']), caBundle } };
  });
  cluster.registration = { ...cluster.registration, metadata: { resourceVersion: 'overwritten' }, webhooks };
}

/** Both serve the same valid pair, both entries trust it, both are ready. */
function assertWell({ cluster, first, second }: Scene): void {
  assert.deepEqual([first.notReady(), second.notReady()], [[], []]);
  const served = first.served();
  assert.equal(second.served()?.cert, served?.cert);
  for (const text of bundleTexts(cluster).slice(0, 2)) {
    assert.ok(parseBundle(text).authorities.has(served?.caId ?? ''));
    assert.ok(parseBundle(text).isClean);
  }
}

test('the first replica makes a certificate, the second takes it, and a neighbour keeps its bundle', async () => {
  const scene = await settled();
  assertWell(scene);
  assert.deepEqual(scene.cluster.writes, ['POST Secret', 'PATCH MutatingWebhookConfiguration']);
  assert.equal(bundleTexts(scene.cluster)[2], undefined);
  await scene.pass(10 * 60_000);
  assert.equal(scene.cluster.writes.length, 2);
  assert.ok(!scene.first.log.text().includes('PRIVATE KEY'));
});

test('what replicas find at their start is put right', async (t) => {
  const cases: [name: string, prepare: (cluster: CertificateCluster) => void, why: RegExp][] = [
    [
      'an expired certificate',
      (cluster) => {
        cluster.secret = secretOf(expired);
        overwrite(cluster, composeBundle([expired.ca]));
      },
      /the certificate has expired/,
    ],
    [
      'a certificate that is not valid yet',
      (cluster) => {
        cluster.secret = secretOf(future);
      },
      /the certificate is not valid yet/,
    ],
    [
      'a certificate for other names',
      (cluster) => {
        cluster.secret = secretOf(misnamed);
      },
      /not for the names of the Service/,
    ],
    [
      'a key of another certificate',
      (cluster) => {
        cluster.secret = secretOf({ cert: expired.cert, key: future.key });
      },
      /tls.key of Secret podrole\/podrole-webhook-tls: is not the key/,
    ],
    [
      'a certificate of another authority',
      (cluster) => {
        cluster.secret = secretOf(expired);
        change(cluster, { 'ca.crt': Buffer.from(foreignCa).toString('base64') });
      },
      /ca.crt of Secret .* did not issue the certificate/,
    ],
    [
      'no certificates at all',
      (cluster) => {
        cluster.secret = secretOf({ cert: 'nothing', key: '' });
        overwrite(cluster, 'Cg==');
      },
      /tls.crt of Secret .* can't be read as PEM/,
    ],
    [
      'an empty Secret',
      (cluster) => {
        cluster.secret = { metadata: { resourceVersion: '1' }, type: 'Opaque' };
      },
      /the Secret is empty/,
    ],
  ];
  for (const [name, prepare, why] of cases) {
    await t.test(name, async () => {
      const scene = await settled(prepare);
      assertWell(scene);
      assert.match(scene.first.log.text(), why);
    });
  }
});

test('what happens while replicas run is put right, without a moment in which one is not ready', async (t) => {
  const cases: [name: string, happens: (scene: Scene) => void, isRenewed: boolean][] = [
    ['the Secret is deleted', ({ cluster }) => Object.assign(cluster, { secret: undefined }), true],
    ['the certificate is overwritten', ({ cluster }) => change(cluster, { 'tls.crt': 'bm90aGluZw==' }), true],
    ['the authority is gone', ({ cluster }) => change(cluster, { 'ca.crt': '' }), true],
    ['the bundle is emptied', ({ cluster }) => overwrite(cluster, ''), false],
    ['the bundle is broken', ({ cluster }) => overwrite(cluster, 'bm90aGluZw=='), false],
    ['the bundle is another', ({ cluster }) => overwrite(cluster, composeBundle([foreignCa])), false],
    ['the clock goes back ten years', ({ first }) => first.jump(-3_650 * DAY_MS), false],
    [
      'two thirds of the life pass at once',
      ({ first, second }) => [first, second].map((r) => r.jump(61 * DAY_MS)),
      true,
    ],
  ];
  for (const [name, happens, isRenewed] of cases) {
    await t.test(name, async () => {
      const scene = await settled();
      const before = scene.first.served()?.serialNumber;
      happens(scene);
      for (let passedMs = 0; passedMs < SOON_MS; passedMs += 500) {
        await scene.pass(500);
        assert.deepEqual([scene.first.notReady(), scene.second.notReady()], [[], []]);
      }
      assertWell(scene);
      assert.equal(scene.first.served()?.serialNumber !== before, isRenewed);
    });
  }
});

test('a clock that goes forward beyond the end makes a new certificate, and going back changes nothing', async () => {
  const scene = await settled();
  const before = scene.first.served()?.serialNumber;
  scene.first.jump(3_650 * DAY_MS);
  assert.match(scene.first.notReady().join(), /valid from .* only/);
  await scene.pass(SOON_MS);
  assertWell(scene);
  const after = scene.first.served()?.serialNumber;
  assert.notEqual(after, before);
  scene.first.jump(-3_650 * DAY_MS);
  await scene.pass(SOON_MS);
  assertWell(scene);
  assert.equal(scene.first.served()?.serialNumber, after);
});
