import assert from 'node:assert/strict';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { parseBundle } from '../../webhook/certificates/objects/ca-bundle.ts';
import type { PairMaterial } from '../../webhook/certificates/objects/issued-pair.ts';
import { type CertificateCluster, createCertificateCluster, installedConfiguration } from './cluster.ts';
import { type CertificateReplica, createReplicaSite, type ReplicaSite } from './replicas.ts';

export const DAY_MS = 86_400_000;
const LIFETIME_MS = 90 * DAY_MS;
/** Longer than the interval between two checks, and longer than a renewal takes. */
export const SOON_MS = 30_000;

/** Two replicas, and the API server that they share. */
export interface Scene extends ReplicaSite {
  readonly cluster: CertificateCluster;
  readonly first: CertificateReplica;
  readonly second: CertificateReplica;
}

/** Starts two replicas, the second a little later. */
export async function settledScene(
  prepare: (cluster: CertificateCluster) => void = () => {},
  lifetimeMs = LIFETIME_MS,
): Promise<Scene> {
  const cluster = createCertificateCluster();
  cluster.configuration = installedConfiguration();
  prepare(cluster);
  const site = createReplicaSite(lifetimeMs);
  const first = site.start(cluster);
  await site.pass(400);
  const second = site.start(cluster);
  await site.pass(SOON_MS);
  return { ...site, cluster, first, second };
}

/** Returns a Secret that holds this pair. */
export function secretOf({ cert, key, ca }: PairMaterial): JsonObject {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return {
    metadata: { name: 'podrole-webhook-tls', resourceVersion: '1' },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(cert), 'tls.key': base64(key), 'ca.crt': base64(ca) },
  };
}

/** Changes data of the Secret, base64. */
export function change(cluster: CertificateCluster, data: JsonObject): void {
  const metadata = { ...asObject(cluster.secret?.['metadata']), resourceVersion: 'changed' };
  cluster.secret = { ...cluster.secret, metadata, data: { ...asObject(cluster.secret?.['data']), ...data } };
}

/** Returns the caBundle of each webhook. */
export function bundleTexts({ configuration }: CertificateCluster): readonly unknown[] {
  return (asArray(configuration?.['webhooks']) ?? []).map(
    (webhook) => asObject(asObject(webhook)?.['clientConfig'])?.['caBundle'],
  );
}

/** Overwrites the caBundle of every webhook, base64. */
export function overwrite(cluster: CertificateCluster, caBundle: string): void {
  const webhooks = asArray(cluster.configuration?.['webhooks'])?.map((value) => {
    const webhook = asObject(value);
    return { ...webhook, clientConfig: { ...asObject(webhook?.['clientConfig']), caBundle } };
  });
  cluster.configuration = {
    ...cluster.configuration,
    metadata: { resourceVersion: 'overwritten' },
    webhooks,
  };
}

/** Asserts that both replicas serve the same valid pair and are ready, and that both webhooks trust it. */
export function assertWell({ cluster, first, second }: Scene): void {
  assert.deepEqual([first.notReady(), second.notReady()], [[], []]);
  const served = first.served();
  assert.equal(second.served()?.cert, served?.cert);
  for (const text of bundleTexts(cluster).slice(0, 2)) {
    assert.ok(parseBundle(text).authorities.has(served?.caId ?? ''));
    assert.ok(parseBundle(text).isClean);
  }
}
