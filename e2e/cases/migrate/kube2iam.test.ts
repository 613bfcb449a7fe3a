import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { expectKubectl } from '../../setup/install/install-podrole.ts';
import { APP_IMAGE } from '../../setup/install/node-site.ts';
import { commandsOf } from '../../setup/install/page-commands.ts';
import { WITHOUT_KUBE2IAM } from '../../setup/migrate/kube2iam.ts';
import { startMigrationSite } from '../../setup/migrate/migration-site.ts';
import { type Caller, longestPauseMs, startSteadyCallers } from '../../setup/migrate/steady-callers.ts';
import { createPod, listPods, type StoredPod } from '../../setup/pods/pods.ts';
import { waitForReady } from '../../setup/pods/running-pods.ts';

/**
 * The steps of docs/migrate-kube2iam.md and the way back, with the page's commands, on a real node.
 * Meanwhile pods with two SDKs list a bucket ten times a second. Each role is one of radosgw, which
 * decides by the trust policies. The namespace `shop` takes way A of step 2, `depot` way B.
 */
const PAGE = 'migrate-kube2iam.md';
/** Blocks of its commands. */
const [PLAN, TRUST, SWITCH] = [0, 1, 2];
/** No pod of a user names it. kube2iam's role may assume it all the same. */
const UNUSED = 'payments';
const ROLES = ['depot-web', UNUSED, 'shop-web'];
const CALLERS: readonly Caller[] = ['shop', 'depot'].flatMap((namespace) =>
  (['new', 'old'] as const).map((client) => ({ namespace, client, role: `${namespace}-web` })),
);
const IN_SHOP = CALLERS.filter(({ namespace }) => namespace === 'shop');
const IN_DEPOT = CALLERS.filter(({ namespace }) => namespace === 'depot');
/** A pod that names a role of others. By default kube2iam restricts no namespace. */
const INTRUDER = {
  name: 'intruder',
  annotations: { 'iam.amazonaws.com/role': UNUSED },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'app', image: APP_IMAGE.boto2, imagePullPolicy: 'Never', command: ['sleep', '1d'] }],
  },
};
const METADATA = 'http://169.254.169.254/latest/meta-data/iam/security-credentials/';

const site = await startMigrationSite(['shop', 'depot'], ROLES);
const { cluster, roles, proxy, follow, baseRoleArn } = site;
after(() => site.stop());
const before = await roles.trustPolicies();
await proxy?.start();
const folder = path.join(site.folder, 'calls');
const callers = await startSteadyCallers(cluster, { callers: CALLERS, folder, env: site.podEnvironment });
await page('migrate', PLAN);
const intruder = await createPod(cluster, 'shop', 'web', INTRUDER);
/** Names of all pods that podrole gave a role. */
const fromPodrole = new Set<string>();

test('with kube2iam a node has every role, and a pod any role that it names', async () => {
  assert.deepEqual(await roles.assumableBy(roles.proxy), ROLES);
  await waitForReady(cluster, intruder);
  // At first kube2iam does not know a new pod, and answers with an error.
  if (proxy) assert.match(await waitFor(stealRole, 'the role that the intruder names'), /"AccessKeyId"/);
  assert.deepEqual(await rolesOf(CALLERS), [], 'a Namespace without a rule gets no role from podrole');
});

test('step 1 makes each role trust both, and its undo restores the trust policies', async () => {
  if (proxy) await callers.waitForCalls(10);
  await page('migrate', TRUST);
  assert.deepEqual(await roles.assumableBy(roles.proxy), ROLES);
  await page('migrate-undo-trust', 0);
  assert.deepEqual(await roles.trustPolicies(), before);
  await page('migrate', TRUST);
  assert.deepEqual(await rolesOf(CALLERS), []);
});

test('step 2, way A: pods of a Namespace with a rule get their role from podrole', async () => {
  await page('migrate', SWITCH);
  assert.deepEqual(await rolesOf(IN_SHOP), ['shop-web', 'shop-web']);
  await callers.waitForCalls(20, proxy ? CALLERS : IN_SHOP);
  const another = await createPod(cluster, 'shop', 'web', { ...INTRUDER, name: 'another-intruder' });
  assert.equal(roleIn(another), undefined, 'the rule refuses the role of another team');
});

test('step 2, way B: pods of a ServiceAccount with a role get it from podrole', async () => {
  await moveDepot(`eks.amazonaws.com/role-arn=${baseRoleArn}depot-web`, null);
  assert.deepEqual(await rolesOf(IN_DEPOT), ['depot-web', 'depot-web']);
  await callers.waitForCalls(20);
});

test('after step 2 nobody asks kube2iam, and --check names who has moved', {
  skip: WITHOUT_KUBE2IAM,
}, async () => {
  const asked = await proxy?.requests();
  await callers.waitForCalls(20);
  assert.equal(await proxy?.requests(), asked);
  // It exits with 1, because of the intruder.
  const checked = await follow(['podrole migrate kube2iam --check']).catch(String);
  for (const { namespace, client } of CALLERS)
    assert.match(checked, new RegExp(`^${namespace}/${client} +Deployment +moved `, 'm'));
  assert.match(checked, /^shop\/intruder +Pod +old proxy /m);
});

test('after step 3 a node has no role, and a pod that names one has none; a restart changes nothing', async () => {
  const both = await roles.trustPolicies();
  await roles.dropProxy();
  assert.deepEqual(await roles.assumableBy(roles.proxy), []);
  await proxy?.remove();
  await assert.rejects(stealRole());
  await restart('shop');
  assert.deepEqual(await rolesOf(CALLERS), ['shop-web', 'shop-web', 'depot-web', 'depot-web']);
  await callers.waitForCalls(20);
  await roles.restoreTrust(both);
});

test('the way back: the undo of each step, and the pods have their roles from kube2iam', {
  skip: WITHOUT_KUBE2IAM,
}, async () => {
  await proxy?.start();
  await page('migrate-undo-switch', 0);
  await moveDepot('eks.amazonaws.com/role-arn-', 'depot-web');
  await page('migrate-undo-trust', 0);
  assert.deepEqual(await roles.trustPolicies(), before);
  assert.deepEqual(await rolesOf(CALLERS), []);
  await callers.waitForCalls(20);
});

test('no call failed in any step', async (t) => {
  const calls = await callers.calls();
  for (const caller of CALLERS) {
    const own = calls.filter((each) => each.caller === caller);
    const total = own.reduce((sum, { succeeded }) => sum + succeeded.length, 0);
    const atStart = own.reduce((sum, { failedAtStart }) => sum + failedAtStart.length, 0);
    t.diagnostic(
      `${caller.namespace}/${caller.client}: ${total} calls of ${own.length} pods, ${atStart} failed before a pod was ready, longest pause ${longestPauseMs(own)} ms`,
    );
  }
  assert.deepEqual(
    calls.flatMap(({ failed }) => failed),
    [],
  );
  const ours = calls.filter(({ pod }) => fromPodrole.has(pod));
  assert.equal(ours.length, 2 * IN_SHOP.length + IN_DEPOT.length);
  assert.deepEqual(
    ours.flatMap(({ failedAtStart }) => failedAtStart),
    [],
    'pods of podrole never wait for a role',
  );
});

/** Runs one block of commands of the page. */
async function page(
  way: 'migrate' | 'migrate-undo-trust' | 'migrate-undo-switch',
  index: number,
): Promise<void> {
  const block = (await commandsOf(PAGE, way))[index];
  assert.ok(block, `block ${index} of \`sh ${way}\``);
  await follow([block]);
}

/** @param podRole value of iam.amazonaws.com/role for the pods; null removes it */
async function moveDepot(serviceAccountAnnotation: string, podRole: string | null): Promise<void> {
  const inDepot = ['--namespace', 'depot'];
  await expectKubectl(cluster, ['annotate', 'serviceaccount', 'web', ...inDepot, serviceAccountAnnotation]);
  const metadata = { annotations: { 'iam.amazonaws.com/role': podRole } };
  const patch = JSON.stringify({ spec: { template: { metadata } } });
  for (const { client } of IN_DEPOT)
    await expectKubectl(cluster, ['patch', 'deployment', client, ...inDepot, '--patch', patch]);
  await waitForRollout('depot');
}

async function restart(namespace: string): Promise<void> {
  await expectKubectl(cluster, ['rollout', 'restart', 'deployment', '--namespace', namespace]);
  await waitForRollout(namespace);
}

/** A kubectl command waits for at most a minute; on two busy cores, a rollout may take longer. */
async function waitForRollout(namespace: string): Promise<void> {
  for (const { client } of IN_SHOP) {
    const status = ['rollout', 'status', `deployment/${client}`, '-n', namespace, '--timeout=55s'];
    await expectKubectl(cluster, status).catch(() => expectKubectl(cluster, status));
  }
}

/** Returns the names of the roles that podrole gives to the running pods, in the order of the callers. */
async function rolesOf(which: readonly Caller[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { namespace, client } of which) {
    const pods = await waitFor(async () => {
      const all = await listPods(cluster, namespace, `app=${client}`);
      return all.length === 1 && all;
    }, `one pod of ${namespace}/${client}`);
    for (const pod of pods) {
      const role = roleIn(pod);
      if (role === undefined) continue;
      fromPodrole.add(pod.metadata.name);
      found.push(role.slice(baseRoleArn.length));
    }
  }
  return found;
}

/** Returns the role of the app, or of its sidecar. */
function roleIn(pod: StoredPod): string | undefined {
  const { containers, initContainers = [] } = pod.spec;
  const variables = [...containers, ...initContainers].flatMap(({ env = [] }) => env);
  return variables.find(({ name }) => name === 'AWS_ROLE_ARN')?.value;
}

/** Fetches the session of the role that the intruder names. @throws if nothing answers, or with an error */
function stealRole(): Promise<string> {
  const get = `import urllib.request as u; print(u.urlopen("${METADATA}${UNUSED}", timeout=20).read().decode())`;
  const inside = ['/usr/bin/python3', '-c', get];
  return expectKubectl(cluster, ['exec', '--namespace', 'shop', 'intruder', '--', ...inside]);
}
