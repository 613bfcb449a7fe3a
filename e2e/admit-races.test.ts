import { after, type TestContext, test } from 'node:test';
import { startControlPlane } from './cluster/control-plane.ts';
import { expectRole } from './setup/expect-identity.ts';
import { annotateServiceAccount, createPod, createServiceAccount, environmentOf } from './setup/pods.ts';
import { prepareWebhook, WEBHOOK_PORT } from './setup/webhook-site.ts';

/** A ServiceAccount and its pod in one breath: the watch may not have brought the one when the other comes. */
const ROLE = 'arn:aws:iam::111122223333:role/raced';
const TIMES = 200;
const LIVE_PORT = WEBHOOK_PORT + 1;

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
const [webhook] = await Promise.all([
  site.start(),
  site.start(['--live-lookup=always'], { port: LIVE_PORT, metricsPort: 9_998 }),
]);
await Promise.all([site.register('watched'), site.register('looked-up', { port: LIVE_PORT })]);

test(`a ServiceAccount that is created right before its pod is never missed, ${TIMES} times`, async (t) => {
  const before = await webhook.metric('podrole_live_lookups_total');
  await eachTime(t, async (name) => {
    await createServiceAccount(cluster, 'watched', name, ROLE);
    expectRole(await createPod(cluster, 'watched', name), 'app', ROLE);
  });
  t.diagnostic(`live look-ups: ${(await webhook.metric('podrole_live_lookups_total')) - before} of ${TIMES}`);
});

test(`a ServiceAccount that is annotated right before its pod, ${TIMES} times: how many does the watch's lag let through`, async (t) => {
  let missed = 0;
  await eachTime(t, async (time) => {
    const name = `late-${time}`;
    await createServiceAccount(cluster, 'watched', name);
    await annotateServiceAccount(cluster, 'watched', name, ROLE);
    const pod = await createPod(cluster, 'watched', name);
    const role = environmentOf(pod, 'app')['AWS_ROLE_ARN'];
    // Either all of it or nothing: the lag must not make half an identity.
    if (role === undefined) missed += 1;
    else expectRole(pod, 'app', ROLE);
  });
  t.diagnostic(`without their role by the watch's lag: ${missed} of ${TIMES}`);
});

test(`with --live-lookup=always none of ${TIMES} pods misses an annotation that was there before it`, async (t) => {
  await eachTime(t, async (name) => {
    await createServiceAccount(cluster, 'looked-up', name);
    await annotateServiceAccount(cluster, 'looked-up', name, ROLE);
    expectRole(await createPod(cluster, 'looked-up', name), 'app', ROLE);
  });
});

/** One after the other: a load would give the watch time to catch up. */
async function eachTime(t: TestContext, once: (name: string) => Promise<void>): Promise<void> {
  const began = performance.now();
  for (let time = 0; time < TIMES; time += 1) await once(`race-${time}`);
  t.diagnostic(`${TIMES} times in ${Math.round(performance.now() - began)} ms`);
}
