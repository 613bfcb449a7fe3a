import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace, expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectNoRole, expectRole } from '../../setup/aws/expect-identity.ts';
import { annotateNamespace, POD_ROLE, tryPod } from '../../setup/pods/judged-pods.ts';
import {
  createPod,
  createServiceAccount,
  dryRunPod,
  environmentOf,
  podManifest,
  podsIn,
  readPod,
  type StoredPod,
} from '../../setup/pods/pods.ts';
import { prepareWebhook, registeredLike, WEBHOOK_PORT } from '../../setup/webhook/webhook-site.ts';

/**
 * Pods that name their role by the annotation of kube2iam and kiam, and the rules of their Namespace. The
 * webhooks differ in how they read Namespaces and rules.
 */
const BASE = 'arn:aws:iam::111122223333:role/';
const PERMITTED = 'iam.amazonaws.com/permitted';
const ALLOWED = 'iam.amazonaws.com/allowed-roles';
const TIMES = 60;

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster, { judgesRoles: true });
after(() => site.stop());
const flags = ['--pod-role-annotation', POD_ROLE, '--base-role-arn', BASE];
const [watching] = await Promise.all([
  site.start(flags),
  site.start([...flags, '--live-lookup=always'], { port: WEBHOOK_PORT + 1, metricsPort: 9_998 }),
  site.start([...flags, '--namespace-restriction-format=regexp'], {
    port: WEBHOOK_PORT + 2,
    metricsPort: 9_997,
  }),
]);
await site.register('globs', { timeoutSeconds: 5 });
await site.register('live', { port: WEBHOOK_PORT + 1 });
await site.register('expressions', { port: WEBHOOK_PORT + 2 });

const naming = (namespace: string, role: string) =>
  podManifest(namespace, 'default', { generateName: 'named-', annotations: { [POD_ROLE]: role } });

/** The rules of a Namespace, the role as a pod names it, and the role that the pod gets. */
const cases: readonly (readonly [rules: Record<string, string>, given: string, role: string | undefined])[] =
  [
    [{ [PERMITTED]: 'shop-.*' }, 'shop-web', 'shop-web'],
    [{ [PERMITTED]: 'shop-.*' }, `${BASE}shop-web`, undefined],
    [{ [PERMITTED]: 'arn:aws:iam::111122223333:role/shop-.*' }, 'shop-web', 'shop-web'],
    [{ [PERMITTED]: '.*' }, `${BASE}path/web`, 'path/web'],
    [{ [PERMITTED]: '.*' }, 'path/web', 'path/web'],
    [{ [PERMITTED]: 'shop' }, 'shop-web', undefined],
    [{ [PERMITTED]: '' }, 'shop-web', undefined],
    [{ [PERMITTED]: '(' }, 'shop-web', undefined],
    [{ [PERMITTED]: '(?=x)x' }, 'x', undefined],
    [{ [ALLOWED]: '["shop-*"]' }, 'shop-web', 'shop-web'],
    [{ [ALLOWED]: '["shop-*"]' }, `${BASE}shop-web`, 'shop-web'],
    [{ [ALLOWED]: `["${BASE}*"]` }, 'web', 'web'],
    [{ [ALLOWED]: '["other"]' }, 'shop-web', undefined],
    [{ [ALLOWED]: '[]' }, 'shop-web', undefined],
    [{ [ALLOWED]: 'shop-*' }, 'shop-web', undefined],
    [{ [ALLOWED]: '["shop-*"]', [PERMITTED]: 'shop-web' }, 'shop-web', 'shop-web'],
    [{ [ALLOWED]: '["shop-*"]', [PERMITTED]: 'other' }, 'shop-web', undefined],
    [{ 'podrole.dev/allowed-roles': `${BASE}shop-*` }, 'shop-web', 'shop-web'],
    [{ 'podrole.dev/allowed-roles': `${BASE}other` }, 'shop-web', undefined],
    [{}, 'shop-web', undefined],
    [{ [PERMITTED]: '.*' }, 'not a role', undefined],
    [{ [PERMITTED]: '.*' }, 'arn:aws:iam::111122223333:user/x', undefined],
  ];

const NO_RULES = { [PERMITTED]: null, [ALLOWED]: null, 'podrole.dev/allowed-roles': null };

for (const [rules, given, role] of cases) {
  test(`${JSON.stringify(rules)}: a pod that names ${given} gets ${role ?? 'no role, and a warning'}`, async () => {
    await annotateNamespace(cluster, 'live', { ...NO_RULES, ...rules });
    const { status, body, warnings } = await tryPod(cluster, naming('live', given));
    assert.equal(status, 201, JSON.stringify(body));
    if (role === undefined) {
      expectNoRole(body as StoredPod, 'app');
      assert.ok(warnings.length > 0);
    } else {
      expectRole(body as StoredPod, 'app', `${BASE}${role}`);
      assert.deepEqual(warnings, []);
    }
  });
}

test('with --namespace-restriction-format=regexp, allowed-roles holds expressions', async () => {
  await annotateNamespace(cluster, 'expressions', { [ALLOWED]: '["shop-(web|job)$"]' });
  const isFollowed = async () => {
    const { body } = await tryPod(cluster, naming('expressions', 'shop-web'));
    return environmentOf(body as StoredPod, 'app')['AWS_ROLE_ARN'] === `${BASE}shop-web`;
  };
  await waitFor(isFollowed, 'the rule known');
  const { body } = await tryPod(cluster, naming('expressions', 'shop-admin'));
  expectNoRole(body as StoredPod, 'app');
});

test('a pod that names no role is stored as without the webhook, and one of a ServiceAccount gets that role', async () => {
  await createNamespace(cluster, 'bare');
  for (const namespace of ['bare', 'globs']) await createServiceAccount(cluster, namespace, 'plain');
  await createServiceAccount(cluster, 'globs', 'web', `${BASE}own`);
  const bare = await createPod(cluster, 'bare', 'plain');
  const pod = await createPod(cluster, 'globs', 'plain');
  const comparable = ({ spec }: StoredPod) =>
    JSON.stringify(spec).replaceAll(/kube-api-access-\w+/g, 'kube-api-access');
  assert.equal(comparable(pod), comparable(bare));
  expectRole(await createPod(cluster, 'globs', 'web'), 'app', `${BASE}own`);
});

test(`a Namespace that is created right before its pod is never unknown, ${TIMES} times`, async (t) => {
  const before = await watching.metric('podrole_live_lookups_total');
  let next = 0;
  const lane = async () => {
    while (next < TIMES) {
      const name = `new-${next++}`;
      const metadata = { name, labels: registeredLike('globs'), annotations: { [PERMITTED]: 'web' } };
      await expectSuccess(cluster, 'POST', '/api/v1/namespaces', { metadata });
      await createServiceAccount(cluster, name, 'own');
      const named = podManifest(name, 'own', { name: 'web', annotations: { [POD_ROLE]: 'web' } });
      await expectSuccess(cluster, 'POST', podsIn(name), named);
      expectRole(await readPod(cluster, name, 'web'), 'app', `${BASE}web`);
    }
  };
  await Promise.all([1, 2, 3, 4].map(lane));
  t.diagnostic(`live look-ups: ${(await watching.metric('podrole_live_lookups_total')) - before}`);
});

test('a changed rule takes effect when the watch brings it; with --live-lookup=always at once', async () => {
  for (let time = 0; time < 20; time += 1) {
    await annotateNamespace(cluster, 'live', { ...NO_RULES, [PERMITTED]: `web-${time}` });
    const { body } = await tryPod(cluster, naming('live', `web-${time}`));
    expectRole(body as StoredPod, 'app', `${BASE}web-${time}`);
    const old = await tryPod(cluster, naming('live', `web-${time - 1}`));
    expectNoRole(old.body as StoredPod, 'app');
  }
  const roleOf = async () =>
    environmentOf((await tryPod(cluster, naming('globs', 'web'))).body as StoredPod, 'app')['AWS_ROLE_ARN'];
  await annotateNamespace(cluster, 'globs', { [PERMITTED]: 'web' });
  await waitFor(async () => (await roleOf()) === `${BASE}web`, 'the role given');
  await annotateNamespace(cluster, 'globs', { [PERMITTED]: 'other' });
  await waitFor(async () => (await roleOf()) === undefined, 'the role refused');
});

const HOSTILE: Readonly<Record<string, string>> = {
  'a long expression': `(${'a?'.repeat(60_000)}${'a'.repeat(120_000)})`,
  'nested repetition': '((((a{0,1000}){0,1000}){0,1000}){0,1000})',
  'many groups': '(.*)'.repeat(60_000),
  'many alternatives': `${'a|'.repeat(120_000)}b`,
};
for (const [name, expression] of Object.entries(HOSTILE)) {
  test(`other pods get their role while pods of a Namespace with a hostile rule are reviewed: ${name}`, async () => {
    await createNamespace(cluster, 'attacker', registeredLike('globs')).catch(() => undefined);
    await annotateNamespace(cluster, 'globs', { [PERMITTED]: '.*' });
    await annotateNamespace(cluster, 'attacker', { [PERMITTED]: expression });
    let isOver = false;
    const attack = Promise.all(
      Array.from({ length: 40 }, () => tryPod(cluster, naming('attacker', 'a'.repeat(60)))),
    ).finally(() => {
      isOver = true;
    });
    do {
      const { body } = await tryPod(cluster, naming('live', 'web-19'));
      expectRole(body as StoredPod, 'app', `${BASE}web-19`);
      expectRole(await dryRunPod(cluster, 'globs', 'web'), 'app', `${BASE}own`);
    } while (!isOver);
    for (const { status, body } of await attack) {
      assert.equal(status, 201, 'the webhook answered in time');
      expectNoRole(body as StoredPod, 'app');
    }
  });
}
