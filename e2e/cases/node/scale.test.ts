import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../../testing/wait-for.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { installPodrole } from '../../setup/install/install-podrole.ts';
import { startPodroleNodes } from '../../setup/pods/podrole-nodes.ts';
import { createServiceAccount, podManifest, podsIn, type StoredPod } from '../../setup/pods/pods.ts';
import {
  hasRole,
  LENIENT,
  prepareNamespaces,
  ROLE,
  STRICT,
  waitForPatches,
} from '../../setup/pods/steady-pods.ts';
import { sumOfMetric, type Usage, usageOf, webhookPods } from '../../setup/pods/webhook-pods.ts';
import { admissionLatency, describeLatency, failedOpen } from '../../setup/webhook/admission-latency.ts';

/** Five hundred pods at once, and their cost. Two nodes run as many as they can; the others wait. */
const OF_DEPLOYMENT = 200;
const OF_JOB = 150;
/**
 * Each has a ServiceAccount that was created just before, so that the webhook's watch may not know it yet.
 */
const BARE = 150;
const NEW_ACCOUNTS = 15;
const ALL = OF_DEPLOYMENT + OF_JOB + BARE;
const PODS_PER_NODE = 30;
const REST_MS = 5_000;
const LABELS = { 'e2e.podrole.dev/burst': 'true' };
const BURST = `?labelSelector=${encodeURIComponent('e2e.podrole.dev/burst=true')}`;
const COUNT_TIMEOUT_MS = 120_000;

const cluster = await startPodroleNodes({ maxPods: PODS_PER_NODE });
after(() => cluster.stop());
await installPodrole(cluster);
await prepareNamespaces(cluster);
await waitForPatches(cluster);
const webhooks = await webhookPods(cluster);

test(`${ALL} pods at once: each has its role`, async (t) => {
  const begin = webhooks.map(usageOf);
  // A measurement, not a wait: the use of resources without requests.
  await sleep(REST_MS);
  const rest = webhooks.map(usageOf);
  report(t, 'at rest', rest);
  t.diagnostic(`CPU at rest: ${cpuBetween(begin, rest)} of ${REST_MS / 1_000} s`);
  const latency = await admissionLatency(cluster);
  const lookups = await sumOfMetric(cluster, webhooks, 'podrole_live_lookups_total');
  const requests = await sumOfMetric(cluster, webhooks, 'podrole_requests_total');
  const seconds = await sumOfMetric(cluster, webhooks, 'podrole_request_duration_seconds_sum');

  const began = performance.now();
  await Promise.all([createDeployment(), createJob(), createBarePods()]);
  const stored = await waitFor(
    async () => {
      const pods = [...(await burstPods(LENIENT)), ...(await burstPods(STRICT))];
      return pods.length === ALL && pods;
    },
    `${ALL} pods`,
    COUNT_TIMEOUT_MS,
  );
  const busy = webhooks.map(usageOf);
  t.diagnostic(`${ALL} pods stored after ${Math.round(performance.now() - began)} ms`);
  report(t, `after ${ALL} pods`, busy);
  t.diagnostic(`CPU: ${cpuBetween(rest, busy)}`);
  t.diagnostic(describeLatency(latency, await admissionLatency(cluster)));
  const asked = (await sumOfMetric(cluster, webhooks, 'podrole_requests_total')) - requests;
  const looked = (await sumOfMetric(cluster, webhooks, 'podrole_live_lookups_total')) - lookups;
  const own = (await sumOfMetric(cluster, webhooks, 'podrole_request_duration_seconds_sum')) - seconds;
  const each = `${((own * 1_000) / asked).toFixed(2)} ms each from its headers to its answer`;
  t.diagnostic(`${asked} requests to the webhook, ${each}; ${looked} look-ups at the API server`);

  const missed = stored.filter((pod) => !hasRole(pod)).map(({ metadata }) => metadata.namespace);
  const givenUp = await failedOpen(cluster);
  t.diagnostic(`${missed.length} pods without a role; the API server did not wait for ${givenUp}`);
  assert.ok(!missed.includes(STRICT), 'a pod of a required namespace has no role');
  // On a machine without free CPU some reviews may take longer than the timeout of the webhook configuration.
  assert.ok(missed.length <= givenUp, 'the webhook was called, and a pod has no role');
  const restarted = (await webhookPods(cluster)).map(({ metadata }) => metadata.name).sort();
  assert.deepEqual(restarted, webhooks.map(({ metadata }) => metadata.name).sort());
});

test('the nodes run as many pods as they can', async (t) => {
  // The capacity that remains besides the webhook's own pods.
  const places = cluster.nodes.length * PODS_PER_NODE - webhooks.length;
  const count = async () => {
    const running = `${BURST}&fieldSelector=status.phase%3DRunning`;
    return (await burstPods(LENIENT, running)).length + (await burstPods(STRICT, running)).length;
  };
  await waitFor(async () => (await count()) === places, `${places} running pods`, COUNT_TIMEOUT_MS);
  report(t, `with ${places} running pods`, webhooks.map(usageOf));
});

function report(t: { diagnostic(line: string): void }, when: string, usages: readonly Usage[]): void {
  for (const { workingSetMiB, privateMiB, anonymousMiB, peakResidentMiB } of usages)
    t.diagnostic(
      `a webhook ${when}: working set ${workingSetMiB} MiB, private ${privateMiB} MiB (${anonymousMiB} anonymous), peak resident ${peakResidentMiB} MiB`,
    );
}

function cpuBetween(before: readonly Usage[], now: readonly Usage[]): string {
  const used = now.map(({ cpuSeconds }, index) => cpuSeconds - (before[index]?.cpuSeconds ?? 0));
  return used.map((seconds) => `${seconds.toFixed(2)} s`).join(' and ');
}

async function burstPods(namespace: string, query = BURST): Promise<readonly StoredPod[]> {
  const { body } = await expectSuccess(cluster, 'GET', `${podsIn(namespace)}${query}`);
  return (body as { items: StoredPod[] }).items;
}

function createDeployment() {
  return expectSuccess(cluster, 'POST', `/apis/apps/v1/namespaces/${STRICT}/deployments`, {
    metadata: { name: 'burst' },
    spec: { replicas: OF_DEPLOYMENT, selector: { matchLabels: LABELS }, template: template() },
  });
}

function createJob() {
  const spec = { restartPolicy: 'Never', ...template().spec };
  return expectSuccess(cluster, 'POST', `/apis/batch/v1/namespaces/${LENIENT}/jobs`, {
    metadata: { name: 'burst' },
    spec: { parallelism: OF_JOB, completions: OF_JOB, template: { ...template(), spec } },
  });
}

async function createBarePods(): Promise<void> {
  const creations = Array.from({ length: NEW_ACCOUNTS }, async (_, index) => {
    const account = `new-${index}`;
    await createServiceAccount(cluster, STRICT, account, ROLE);
    const { spec } = template();
    const pod = podManifest(STRICT, account, {
      generateName: `${account}-`,
      labels: LABELS,
      spec: { ...spec, serviceAccountName: account },
    });
    // Retries refused pods, as a controller does.
    const create = async () => (await cluster.request('POST', podsIn(STRICT), pod)).status === 201;
    const pods = Array.from({ length: BARE / NEW_ACCOUNTS }, () => waitFor(create, `a pod of ${account}`));
    await Promise.all(pods);
  });
  await Promise.all(creations);
}

function template() {
  return {
    metadata: { labels: LABELS },
    spec: {
      serviceAccountName: 'web',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'app', image: 'localhost/pause:1', imagePullPolicy: 'Never' }],
    },
  };
}
