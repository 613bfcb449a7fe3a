import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { HOSTILE_PODS } from '../../../testing/admission/hostile-pods.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectRole } from '../../setup/aws/expect-identity.ts';
import { createPod, createServiceAccount, podsIn } from '../../setup/pods/pods.ts';
import { prepareWebhook } from '../../setup/webhook/webhook-site.ts';

/**
 * A tenant sends pods that are expensive to review, of the largest size that the API server accepts, while
 * other tenants create pods. With `Ignore`, a slow webhook makes pods lose their role silently; with `Fail`,
 * pods are refused.
 */
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
/** The timeout in podrole's webhook configuration. */
const REGISTRATION = { timeoutSeconds: 5 } as const;
/**
 * Sizes for which the webhook of release 0.1 exceeded this timeout, and for which the API server itself still
 * answers.
 */
const SIZES: Readonly<Record<string, number>> = {
  'a mountPath of slashes': 500_000,
  'a device path of slashes': 500_000,
  'containers and volumes': 5_000,
  'a recorded ownership of token volumes that nobody mounts': 5_000,
  'annotation keys that look misspelt': 30_000,
};

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
const webhook = await site.start();
await site.register('attacker', { ...REGISTRATION, failurePolicy: 'Ignore' });
await site.register('lenient', { ...REGISTRATION, failurePolicy: 'Ignore' });
await site.register('strict', REGISTRATION);
for (const namespace of ['attacker', 'lenient', 'strict']) {
  await createServiceAccount(cluster, namespace, 'web', ROLE);
}

let number = 0;
for (const { name, pod } of HOSTILE_PODS) {
  const size = SIZES[name];
  if (size === undefined) continue;
  test(`other tenants' pods get their role during the attack: ${name}`, async (t) => {
    const before = await reviews();
    const hostile = pod(size);
    let isOver = false;
    const attack = Promise.all(
      [1, 2].map(() => cluster.request('POST', `${podsIn('attacker')}?dryRun=All`, hostile)),
    ).finally(() => {
      isOver = true;
    });
    let created = 0;
    const lane = async (namespace: string) => {
      do {
        number += 1;
        created += 1;
        expectRole(await createPod(cluster, namespace, 'web', { name: `victim-${number}` }), 'app', ROLE);
      } while (!isOver);
    };
    const [answers] = await Promise.all([attack, lane('lenient'), lane('strict')]);
    for (const { status } of answers)
      assert.equal(status, 422, 'reviewed, and then refused by the API server as invalid');
    t.diagnostic(`${created} pods of others, ${JSON.stringify(hostile).length} bytes`);
    assert.ok((await reviews()) >= before + created + 2, 'the hostile pods reached the webhook too');
  });
}

/** Returns the number of reviews that the webhook has answered. */
function reviews(): Promise<number> {
  return webhook.metric('podrole_requests_total');
}
