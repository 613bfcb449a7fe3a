import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identitySettings } from '../../identity/settings/identity-settings.ts';
import { createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { systemClock } from '../../lib/clock.ts';
import { PodroleError } from '../../lib/errors.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { until } from '../../testing/until.ts';
import { createMetrics } from '../metrics.ts';
import { followConfigMap } from './config-map.ts';

const configMap = (config: string) => ({
  metadata: { namespace: 'eks', name: 'pod-identity-webhook' },
  data: { config },
});
const entry = (name: string) =>
  JSON.stringify({ [`shop/${name}`]: { RoleARN: `arn:aws:iam::111122223333:role/${name}` } });

test('the identities of the ConfigMap follow it: unknown, read, changed, unreadable, deleted', async () => {
  const peer = await startFakeCluster();
  peer.trouble = () => ({ status: 503, message: 'starting' });
  const log = collectLog();
  const client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {}));
  const followed = followConfigMap('eks', readSettings(identitySettings, {}, {}), {
    logger: log.logger,
    env: {},
    metrics: createMetrics(),
    clock: systemClock,
    random: () => 0,
    client,
    timing: {
      requestSeconds: 60,
      silenceMs: 2_000,
      listSilenceMs: 300,
      backoff: { firstMs: 10, longestMs: 20 },
    },
  });
  const has = (name: string) => followed.current().find('shop', name) !== undefined;
  try {
    await peer.requested(() => true);
    assert.throws(
      followed.current,
      (thrown) => thrown instanceof PodroleError && thrown.code === 'CONFIG_MAP_UNKNOWN',
    );
    peer.put(configMap(entry('web')), 'configmaps');
    peer.trouble = () => undefined;
    await until(() => followed.synced(), 'read');
    assert.ok(has('web'));
    await peer.requested(
      (url) => url.searchParams.get('fieldSelector') === 'metadata.name=pod-identity-webhook',
    );
    await peer.requested((url) => url.searchParams.get('resourceVersion') === '101');
    peer.put(configMap(entry('job')), 'configmaps');
    await until(() => has('job') && !has('web'), 'changed');
    peer.put(configMap('{'), 'configmaps');
    await until(() => log.text().includes('fault in the identity ConfigMap'), 'the fault is logged');
    assert.ok(has('job'));
    peer.remove('eks', 'pod-identity-webhook', 'configmaps');
    await until(() => !has('job'), 'deleted');
  } finally {
    await followed.stop();
    client.close();
    await peer.stop();
  }
});
