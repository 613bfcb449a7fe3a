import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asObject } from '../../lib/json/json.ts';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { CERTIFICATE_NAMES, type CertificateCluster } from '../../testing/certificates/cluster.ts';
import {
  assertWell,
  bundleTexts,
  change,
  DAY_MS,
  overwrite,
  type Scene,
  SOON_MS,
  secretOf,
  settledScene,
} from '../../testing/certificates/scene.ts';
import { composeBundle } from './objects/ca-bundle.ts';
import { mintPair } from './objects/mint.ts';
import { serviceHosts } from './objects/webhook-configuration.ts';

const { cert: foreignCa } = await createAuthority('foreign');
const { cert: oldCa, issue } = await createAuthority('podrole-webhook-ca old');
const hosts = serviceHosts(CERTIFICATE_NAMES.service);
const expired = await mintPair(hosts, new Date('2025-12-31'));
const issueOld = async (names: readonly string[], from: string, until: string) => {
  const pair = await issue(names, { notBeforeDate: new Date(from), notAfterDate: new Date(until) });
  return { ...pair, ca: oldCa };
};
const future = await issueOld(hosts, '2030-01-01', '2030-03-31');
const misnamed = await mintPair(['other.podrole.svc'], new Date('2027-01-01'));

test('the first replica makes a certificate, the second uses it, a neighbour keeps its bundle', async () => {
  const scene = await settledScene();
  assertWell(scene);
  assert.deepEqual(scene.cluster.writes, ['POST Secret', 'PATCH MutatingWebhookConfiguration']);
  assert.equal(bundleTexts(scene.cluster)[2], undefined);
  await scene.pass(10 * 60_000);
  assert.equal(scene.cluster.writes.length, 2);
  assert.ok(!scene.first.log.text().includes('PRIVATE KEY'));
});

test('replicas repair what they find at their start', async (t) => {
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
        cluster.secret = secretOf({ ...expired, key: future.key });
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
        cluster.secret = secretOf({ cert: 'nothing', key: '', ca: '' });
        overwrite(cluster, 'Cg==');
      },
      /tls.crt of Secret .* cannot be read as PEM/,
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
      const scene = await settledScene(prepare);
      assertWell(scene);
      assert.match(scene.first.log.text(), why);
    });
  }
});

test('replicas repair what happens while they run, and are ready all the time', async (t) => {
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
      const scene = await settledScene();
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

test('if the Secret is deleted and may not be created, replicas serve and report what to do', async () => {
  const scene = await settledScene();
  const { cluster, first } = scene;
  const before = first.served()?.cert;
  cluster.refuse = (method, kind) =>
    method === 'POST' && kind === 'Secret'
      ? { status: 403, body: { message: 'secrets is forbidden' } }
      : undefined;
  cluster.secret = undefined;
  await scene.pass(SOON_MS);
  overwrite(cluster, '');
  await scene.pass(SOON_MS);
  assertWell(scene);
  assert.equal(first.served()?.cert, before);
  const says =
    /"code":"SECRET_MISSING","object":"Secret podrole\/podrole-webhook-tls","problem":"does not exist, and the API server answered 403 \(secrets is forbidden\) when asked to create it","remedy":"apply podrole's manifests again, or run: kubectl create secret generic podrole-webhook-tls --namespace podrole/g;
  assert.equal(first.log.text().match(says)?.length, 1);

  // As the manifests hold it, or as the remedy makes it.
  cluster.secret = { metadata: { name: 'podrole-webhook-tls', resourceVersion: '1' }, type: 'Opaque' };
  await scene.pass(SOON_MS);
  assertWell(scene);
  assert.notEqual(first.served()?.cert, before);
});

test('an existing Secret keeps its metadata and its type: the webhook writes only data', async () => {
  const metadata = { name: 'podrole-webhook-tls', labels: { mine: 'yes' }, annotations: { why: 'mine too' } };
  for (const type of ['Opaque', 'kubernetes.io/tls']) {
    const { cluster } = await settledScene((prepared) => {
      prepared.secret = { metadata: { ...metadata, resourceVersion: '1' }, type };
    });
    const { resourceVersion, namespace, ...kept } = asObject(cluster.secret?.['metadata']) ?? {};
    assert.deepEqual([kept, namespace, cluster.secret?.['type']], [metadata, 'podrole', type]);
    assert.notEqual(resourceVersion, '1');
    assert.deepEqual(Object.keys(cluster.secret ?? {}).toSorted(), [
      'apiVersion',
      'data',
      'kind',
      'metadata',
      'type',
    ]);
  }
});

test('a clock that jumps beyond the end causes a new certificate; jumping back changes nothing', async () => {
  const scene = await settledScene();
  const before = scene.first.served()?.serialNumber;
  scene.first.jump(3_650 * DAY_MS);
  assert.match(scene.first.notReady().join(), /valid only from/);
  await scene.pass(SOON_MS);
  assertWell(scene);
  const after = scene.first.served()?.serialNumber;
  assert.notEqual(after, before);
  scene.first.jump(-3_650 * DAY_MS);
  await scene.pass(SOON_MS);
  assertWell(scene);
  assert.equal(scene.first.served()?.serialNumber, after);
});
