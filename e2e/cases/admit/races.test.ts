import { after, type TestContext, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectRole } from '../../setup/aws/expect-identity.ts';
import {
  annotateServiceAccount,
  createPod,
  createServiceAccount,
  environmentOf,
} from '../../setup/pods/pods.ts';
import { prepareWebhook, WEBHOOK_PORT } from '../../setup/webhook/webhook-site.ts';

/**
 * A ServiceAccount and its pod in quick succession: the watch may not have reported the ServiceAccount when
 * the pod arrives.
 */
const ROLE = 'arn:aws:iam::111122223333:role/raced';
const TIMES = 200;
const LANES = 8;
const LIVE_PORT = WEBHOOK_PORT + 1;

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
const webhooks = await Promise.all([
  site.start(),
  site.start(['--live-lookup=always'], { port: LIVE_PORT, metricsPort: 9_998 }),
]);
await Promise.all([site.register('watched'), site.register('looked-up', { port: LIVE_PORT })]);

test(`a ServiceAccount created right before its pod is never missed, ${TIMES} times`, async (t) => {
  const [webhook] = webhooks;
  const before = await webhook.metric('podrole_live_lookups_total');
  await eachTime(t, async (time) => {
    await createServiceAccount(cluster, 'watched', `new-${time}`, ROLE);
    expectRole(await createPod(cluster, 'watched', `new-${time}`), 'app', ROLE);
  });
  t.diagnostic(`live look-ups: ${(await webhook.metric('podrole_live_lookups_total')) - before} of ${TIMES}`);
});

test(`a ServiceAccount annotated right before its pod, ${TIMES} times: the pod gets all of its identity or nothing`, async (t) => {
  await createKnown('watched');
  let missed = 0;
  await eachTime(t, async (time) => {
    await annotateServiceAccount(cluster, 'watched', `known-${time}`, ROLE);
    const pod = await createPod(cluster, 'watched', `known-${time}`);
    // Either all or nothing: the delay of the watch must not result in half an identity.
    if (environmentOf(pod, 'app')['AWS_ROLE_ARN'] === undefined) missed += 1;
    else expectRole(pod, 'app', ROLE);
  });
  t.diagnostic(`without their role because of the watch's delay: ${missed} of ${TIMES}`);
});

test(`with --live-lookup=always none of ${TIMES} pods misses an earlier annotation`, async (t) => {
  await createKnown('looked-up');
  await eachTime(t, async (time) => {
    await annotateServiceAccount(cluster, 'looked-up', `known-${time}`, ROLE);
    expectRole(await createPod(cluster, 'looked-up', `known-${time}`), 'app', ROLE);
  });
});

/** ServiceAccounts that the watches of both webhooks know, without an annotation. */
async function createKnown(namespace: string): Promise<void> {
  const times = Array.from({ length: TIMES }, (_, time) => time);
  await Promise.all(times.map((time) => createServiceAccount(cluster, namespace, `known-${time}`)));
  await waitFor(async () => {
    const { body } = await cluster.request('GET', '/api/v1/serviceaccounts');
    const existing = (body as { items: unknown[] }).items.length;
    const known = await Promise.all(
      webhooks.map((webhook) => webhook.metric('podrole_service_accounts', '{state="known"}')),
    );
    return known.every((count) => count === existing);
  }, 'ServiceAccounts known by the watches');
}

/** Runs in parallel lanes, to load API server and webhook; in each lane, the pod follows at once. */
async function eachTime(t: TestContext, once: (time: number) => Promise<void>): Promise<void> {
  const began = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < TIMES) await once(next++);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  t.diagnostic(`${TIMES} times in ${Math.round(performance.now() - began)} ms`);
}
