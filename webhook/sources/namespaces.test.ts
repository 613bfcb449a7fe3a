import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type ApiClient, createApiClient } from '../../kubernetes/api-client.ts';
import { NAMESPACES_PATH, namespacePath } from '../../kubernetes/core-paths.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { systemClock } from '../../lib/clock.ts';
import { PodroleError } from '../../lib/errors.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import type { NamespaceSource } from '../../policy/namespace-facts.ts';
import { RULE_MAX_LENGTH } from '../../policy/rule-limits.ts';
import { type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { until } from '../../testing/until.ts';
import { createMetrics, type WebhookMetrics } from '../metrics.ts';
import { type FollowedNamespaces, followNamespaces } from './namespaces.ts';

const LIMITS = { timeoutMs: 2_000, signal: NEVER_ABORTED };
const PERMITTED = 'iam.amazonaws.com/permitted';

let peer: FakeCluster;
let client: ApiClient;
let metrics: WebhookMetrics;
let followed: FollowedNamespaces[];

beforeEach(async () => {
  peer = await startFakeCluster();
  client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {}));
  metrics = createMetrics();
  followed = [];
});

afterEach(async () => {
  for (const one of followed) await one.stop();
  client.close();
  await peer.stop();
});

function follow(liveLookup: 'miss' | 'always' = 'miss'): FollowedNamespaces & { source: NamespaceSource } {
  const one = followNamespaces({
    logger: collectLog().logger,
    env: {},
    metrics,
    clock: systemClock,
    random: () => 0,
    client,
    liveLookup,
    signal: new AbortController().signal,
    timing: {
      requestSeconds: 60,
      silenceMs: 2_000,
      listSilenceMs: 300,
      backoff: { firstMs: 10, longestMs: 20 },
    },
  });
  followed.push(one);
  return { ...one, source: one.source ?? assert.fail() };
}

const namespace = (name: string, rule: string) => ({
  metadata: { name, annotations: { [PERMITTED]: rule } },
});
const create = (name: string, rule: string) =>
  client.send({ method: 'POST', path: NAMESPACES_PATH, body: namespace(name, rule) }, LIMITS);
const change = (name: string, rule: string) =>
  client.send({ method: 'PATCH', path: namespacePath(name), body: namespace(name, rule) }, LIMITS);
const ruleOf = async (source: NamespaceSource, name: string) =>
  (await source.find(name))?.annotations[PERMITTED];
const lookUps = () =>
  peer.requests.filter(({ pathname }) => pathname.startsWith(`${NAMESPACES_PATH}/`)).length;
/** So that the watch brings nothing after its list: only look-ups answer. */
const withoutWatch = () => {
  peer.trouble = ({ pathname, searchParams }) =>
    pathname === NAMESPACES_PATH && !searchParams.has('sendInitialEvents')
      ? { status: 503, message: 'no watch' }
      : undefined;
};

test('rules follow the watch: listed, changed, deleted, and nothing is looked up', async () => {
  await create('shop', 'listed');
  const { source, synced, newsAgeMs } = follow();
  assert.equal(newsAgeMs(), undefined);
  await until(() => synced(), 'listed');
  assert.equal(await ruleOf(source, 'shop'), 'listed');
  assert.equal(typeof newsAgeMs(), 'number');
  await change('shop', 'changed');
  await until(async () => (await ruleOf(source, 'shop')) === 'changed', 'changed');
  const before = lookUps();
  await client.send({ method: 'DELETE', path: namespacePath('shop') }, LIMITS);
  await until(async () => (await ruleOf(source, 'shop')) === undefined, 'deleted');
  assert.ok(lookUps() > before, 'a Namespace that the watch does not know is looked up');
});

test('a Namespace that the watch does not know is looked up, once for all that ask, and then kept', async () => {
  withoutWatch();
  const { source, synced } = follow();
  await until(() => synced(), 'listed');
  peer.trouble = ({ searchParams }) => (searchParams.has('watch') ? 'silence' : undefined);
  await create('shop', 'new');
  const before = lookUps();
  const rules = await Promise.all(Array.from({ length: 50 }, () => ruleOf(source, 'shop')));
  assert.deepEqual(new Set(rules), new Set(['new']));
  assert.equal(await ruleOf(source, 'shop'), 'new');
  assert.equal(lookUps() - before, 1);
});

test('with --live-lookup=always, each question gets a state that is not older than itself', async () => {
  await create('shop', 'one');
  const { source, synced } = follow('always');
  await until(() => synced(), 'listed');
  for (const rule of ['two', 'three', 'four']) {
    await change('shop', rule);
    assert.equal(await ruleOf(source, 'shop'), rule);
  }
});

test('a failed look-up is an error, never "no rule", and is not remembered', async () => {
  const troubles: [name: string, trouble: ReturnType<FakeCluster['trouble']>, code: string][] = [
    ['forbidden', { status: 403, message: 'not allowed' }, 'LOOKUP_FAILED'],
    ['faulty', { status: 500, message: 'etcd is away' }, 'LOOKUP_FAILED'],
    ['no answer in time', 'silence', 'API_UNREACHABLE'],
  ];
  await create('shop', 'one');
  withoutWatch();
  const { source } = follow();
  for (const [name, trouble, code] of troubles) {
    peer.trouble = () => trouble;
    await assert.rejects(
      source.find('shop'),
      (thrown) =>
        thrown instanceof PodroleError &&
        thrown.code === code &&
        (code !== 'LOOKUP_FAILED' || /^Namespace shop: .* on namespaces/.test(thrown.message)),
      name,
    );
  }
  withoutWatch();
  assert.equal(await ruleOf(source, 'shop'), 'one');
});

test('nobody is asked for a name that cannot be a Namespace; of one that does not exist there is none', async () => {
  const { source, synced } = follow();
  await until(() => synced(), 'listed');
  const before = lookUps();
  for (const name of ['..', '.', '', 'a/b', 'A', 'a?b', '-a', 'a.b', 'a'.repeat(64)]) {
    assert.equal(await source.find(name), undefined, name.slice(0, 10));
  }
  assert.equal(lookUps(), before);
  assert.equal(await source.find('none'), undefined);
});

test('a Namespace is kept with its rules alone, and those up to their limit', async () => {
  const annotations = { [PERMITTED]: 'x'.repeat(200_000), 'podrole.dev/filler': 'y'.repeat(50_000) };
  const body = { metadata: { name: 'shop', annotations }, spec: { finalizers: ['kubernetes'] } };
  await client.send({ method: 'POST', path: NAMESPACES_PATH, body }, LIMITS);
  for (const mode of ['miss', 'always'] as const) {
    metrics = createMetrics();
    const { source, synced } = follow(mode);
    await until(() => synced(), 'listed');
    const kept = await source.find('shop');
    assert.deepEqual(Object.keys(kept?.annotations ?? {}), [PERMITTED]);
    assert.equal(kept?.annotations[PERMITTED]?.length, RULE_MAX_LENGTH + 1);
  }
});

test('a flood of pods of made-up namespaces keeps the look-ups within their bounds', async () => {
  withoutWatch();
  const { source } = follow();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  peer.beforeAnswer = () => held;
  const asked = Array.from({ length: 2_000 }, (_, at) =>
    source.find(`made-up-${at}`).then(
      () => 'none',
      (thrown: unknown) => (thrown instanceof PodroleError ? thrown.code : 'unknown'),
    ),
  );
  await peer.requested(({ pathname }) => pathname.startsWith(`${NAMESPACES_PATH}/`), 32);
  assert.equal(lookUps(), 32);
  peer.beforeAnswer = async () => {};
  release();
  const counts = Object.groupBy(await Promise.all(asked), (answer) => answer);
  assert.equal((counts['none']?.length ?? 0) + (counts['LOOKUP_REFUSED']?.length ?? 0), 2_000);
  assert.ok((counts['LOOKUP_REFUSED']?.length ?? 0) > 0);
});
