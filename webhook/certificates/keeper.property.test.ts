import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiAnswer, ApiClient } from '../../kubernetes/api-client.ts';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import {
  type CertificateCluster,
  createCertificateCluster,
  installedConfiguration,
} from '../../testing/certificates/cluster.ts';
import {
  type CertificateReplica,
  createReplicaSite,
  type ReplicaSite,
} from '../../testing/certificates/replicas.ts';
import { type CaBundle, composeBundle, parseBundle } from './objects/ca-bundle.ts';

/** Short, so that a run has several renewals; every other time is shortened with it. */
const LIFETIME_MS = 120_000;
const RUN_MS = 200_000;
/** For an API server that answers: a few looks, and a whole renewal. */
const CALM_MS = 60_000;

type Fault = 'none' | 'request lost' | 'answer lost' | 'refused';

/** Fate of one request, with its times to the server and back in ms. */
const passage = fc.record({
  thereMs: fc.nat(2_000),
  backMs: fc.nat(2_000),
  fault: fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fault>('none') },
    { weight: 1, arbitrary: fc.constantFrom<Fault>('request lost', 'answer lost', 'refused') },
  ),
});
type Passage = typeof passage extends fc.Arbitrary<infer T> ? T : never;

const replicaOptions = fc.record({
  startsAtMs: fc.nat(60_000),
  passages: fc.array(passage, { minLength: 1, maxLength: 12 }),
  randoms: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 8 }),
});
const mishap = fc.record({
  atMs: fc.nat(RUN_MS),
  what: fc.constantFrom('delete Secret', 'corrupt Secret', 'lose next', 'keep'),
});

/** The API server as one replica reaches it. */
function reachedBy(cluster: CertificateCluster, { clock }: ReplicaSite, passages: readonly Passage[]) {
  let calls = 0;
  const call = (act: () => Promise<ApiAnswer>, timeoutMs: number, signal: AbortSignal) =>
    new Promise<ApiAnswer>((resolve, reject) => {
      const { thereMs, backMs, fault } = passages[calls++ % passages.length] ?? assert.fail();
      clock().after(timeoutMs, () => reject(new Error('timed out')));
      signal.addEventListener('abort', () => reject(new Error('aborted')));
      if (fault === 'request lost') return;
      clock().after(thereMs, async () => {
        const answer = fault === 'refused' ? { status: 500, body: {} } : await act();
        if (fault !== 'answer lost') clock().after(backMs, () => resolve(answer));
      });
    });
  const client: Pick<ApiClient, 'get' | 'send'> = {
    get: (path, limits) => call(() => cluster.get(path, limits), limits.timeoutMs, limits.signal),
    send: (change, limits) => call(() => cluster.send(change, limits), limits.timeoutMs, limits.signal),
  };
  return client;
}

function befall(cluster: CertificateCluster, what: string): void {
  if (what === 'delete Secret') cluster.secret = undefined;
  if (!cluster.secret || what === 'keep') return;
  const lost = what === 'corrupt Secret' ? { 'tls.key': 'bm90aGluZw==' } : { 'next-tls.crt': undefined };
  cluster.secret = {
    ...cluster.secret,
    metadata: { ...asObject(cluster.secret['metadata']), resourceVersion: what },
    data: { ...asObject(cluster.secret['data']), ...lost },
  };
}

const readBundles = new WeakMap<JsonObject, readonly CaBundle[]>();

/** The bundles of the two entries that are ours; read once while nothing changes. */
function bundlesOf(configuration: JsonObject): readonly CaBundle[] {
  const known = readBundles.get(configuration);
  if (known) return known;
  const ours = (asArray(configuration['webhooks']) ?? []).slice(0, 2);
  const bundles = ours.map((webhook) =>
    parseBundle(asObject(asObject(webhook)?.['clientConfig'])?.['caBundle']),
  );
  readBundles.set(configuration, bundles);
  return bundles;
}

/** Returns the reasons for which the API server would not trust a replica that reports ready. */
function distrust({ configuration }: CertificateCluster, replica: CertificateReplica, now: Date): string[] {
  const served = replica.served();
  if (replica.notReady().length > 0) return [];
  if (!served || !configuration) return ['ready without a certificate'];
  const isTrusted = bundlesOf(configuration).every(({ authorities }) => authorities.has(served.caId));
  return [...(isTrusted ? [] : ['not trusted']), ...(now < served.notAfter ? [] : ['expired'])];
}

test('whatever is lost or late, a ready replica is trusted, and in the end all agree', async () => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(replicaOptions, { minLength: 2, maxLength: 3 }),
      fc.array(mishap, { maxLength: 3 }),
      async (options, mishaps) => {
        const cluster = createCertificateCluster();
        cluster.configuration = installedConfiguration();
        const site = createReplicaSite(LIFETIME_MS);
        const replicas: CertificateReplica[] = [];
        for (const { startsAtMs, passages, randoms } of options) {
          site.clock().after(startsAtMs, () => {
            let draws = 0;
            const random = () => randoms[draws++ % randoms.length] ?? 0;
            const client = reachedBy(cluster, site, [...passages, { thereMs: 1, backMs: 1, fault: 'none' }]);
            replicas.push(site.start(client, random));
          });
        }
        for (const { atMs, what } of mishaps) site.clock().after(atMs, () => befall(cluster, what));
        for (let passedMs = 0; passedMs < RUN_MS; passedMs += 200) {
          await site.pass(200);
          const wrong = replicas.flatMap((replica) => distrust(cluster, replica, site.clock().now()));
          assert.deepEqual(wrong, [], `at ${passedMs} ms`);
        }
        for (const replica of replicas) replica.stop();
        const late = [site.start(cluster), site.start(cluster)];
        await site.pass(CALM_MS);
        for (const replica of late) assert.deepEqual(replica.notReady(), []);
        assert.equal(late[0]?.served()?.cert, late[1]?.served()?.cert);
        for (const replica of late) replica.stop();
        await site.pass(10_000);
        made += site.made();
      },
    ),
    { numRuns: 12 },
  );
  assert.ok(made > 40, `${made} certificates made`);
});

test('a bundle is read in spite of blocks that are not certificates', () => {
  const noise = fc.oneof(
    fc.string(),
    fc.constant('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
  );
  fc.assert(
    fc.property(fc.array(noise), (parts) => {
      const bundle = parseBundle(Buffer.from(parts.join('\n')).toString('base64'));
      assert.equal(bundle.authorities.size, 0);
      assert.equal(bundle.isClean, parts.join('').trim() === '');
      assert.ok(parseBundle(composeBundle([])).isClean);
    }),
  );
});
