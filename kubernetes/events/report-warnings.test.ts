import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { asObject, asText } from '../../lib/json/json.ts';
import { type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { type CollectedLog, collectLog } from '../../testing/processes/collected-log.ts';
import { until } from '../../testing/until.ts';
import { createVirtualTime, type VirtualTime } from '../../testing/virtual-time.ts';
import { createApiClient } from '../api-client.ts';
import { loadKubeConfig } from '../kube-config.ts';
import { createWarningReporter, type WarningReporter } from './report-warnings.ts';

const OWNER = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9f', uid: 'u-1' };
const EVENTS = /^\/api\/v1\/namespaces\/shop\/events$/;

let peer: FakeCluster;
let time: VirtualTime;
let log: CollectedLog;
let counts: Record<string, number>;
const started: WarningReporter[] = [];

/** A replica of the webhook, as far as it reports warnings. */
function replica(): WarningReporter {
  const client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {}));
  const count = (result: string) => {
    counts[result] = (counts[result] ?? 0) + 1;
  };
  const reporter = createWarningReporter({
    client,
    clock: time.clock(),
    logger: log.logger,
    count,
    source: { component: 'podrole-test', reason: 'PodIdentity' },
    words: { failed: 'cannot be reported', remedy: 'grant create on events' },
  });
  started.push(reporter);
  return reporter;
}

const messages = () =>
  [...peer.objects].filter(([path]) => path.includes('/events/')).map(([, event]) => event['message']);

beforeEach(async () => {
  peer = await startFakeCluster();
  time = createVirtualTime();
  log = collectLog();
  counts = {};
});

afterEach(async () => {
  const stopped = Promise.all(started.splice(0).map((reporter) => reporter.stop()));
  await time.pass(2_000);
  await stopped;
  await peer.stop();
});

test('each warning becomes an Event on the owner', async () => {
  replica().report('shop', OWNER, ['ServiceAccount shop/web: bad; fix it', 'another']);
  await until(() => counts['created'] === 2, 'both are created');
  assert.deepEqual(messages(), ['ServiceAccount shop/web: bad; fix it', 'another']);
  const [request] = peer.requests;
  assert.match(request?.pathname ?? '', EVENTS);
  const { metadata, ...event } = asObject(request?.body) ?? {};
  assert.match(asText(asObject(metadata)?.['name']) ?? '', /^podrole-[0-9a-f]{32}$/);
  assert.deepEqual(event, {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject: { ...OWNER, namespace: 'shop' },
    type: 'Warning',
    reason: 'PodIdentity',
    message: 'ServiceAccount shop/web: bad; fix it',
    source: { component: 'podrole-test' },
    reportingComponent: 'podrole-test',
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
  });
});

test('a thousand pods of one owner and two replicas of the webhook: one Event in an hour', async () => {
  const replicas = [replica(), replica()];
  for (let pod = 0; pod < 1_000; pod += 1) replicas[pod % 2]?.report('shop', OWNER, ['bad']);
  await until(() => counts['created'] === 1 && counts['repeated'] === 999, 'all are decided');
  assert.equal(peer.requests.length, 2);
  await time.pass(3_600_000);
  for (const reporter of replicas) reporter.report('shop', OWNER, ['bad']);
  await until(() => counts['created'] === 2 && counts['repeated'] === 1_000, 'one more in the next hour');
});

test('a flood of invented owners is limited in one namespace and does not wait for the API server', async () => {
  peer.trouble = () => 'silence';
  const reporter = replica();
  for (let pod = 0; pod < 10_000; pod += 1) {
    reporter.report('shop', { ...OWNER, uid: `u-${pod}` }, Array(50).fill('bad'));
  }
  // Five warnings of each pod are looked at: 20 Events may be sent, and their repetitions are known.
  assert.deepEqual(counts, { repeated: 80, limited: 49_900 });
  await until(() => peer.requests.length === 4, 'four at once are asked for');
});

test('an API server that refuses is one line with the remedy, and loses no admission request', async () => {
  peer.trouble = () => ({ status: 403, message: 'events is forbidden' });
  const reporter = replica();
  for (let pod = 0; pod < 20; pod += 1) reporter.report('shop', { ...OWNER, uid: `u-${pod}` }, ['bad']);
  await until(() => counts['failed'] === 20, 'all have failed');
  const lines = log.text().trim().split('\n');
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /answered 403 \(events is forbidden\).*grant create/);
});

test('stops within two seconds if the API server is silent', async () => {
  peer.trouble = () => 'silence';
  const reporter = replica();
  reporter.report('shop', OWNER, ['bad']);
  await until(() => peer.requests.length === 1, 'it is asked for');
  const stopped = reporter.stop();
  await time.pass(2_000);
  await stopped;
  reporter.report('shop', OWNER, ['too late']);
  assert.deepEqual(counts, { failed: 1 });
});
