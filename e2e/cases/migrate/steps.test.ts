import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { writeSteps } from '../../../migrate/steps/write-steps.ts';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { commandsIn } from '../../../testing/migrate/steps.ts';
import { awsEnvironment, clientOptions } from '../../aws/aws-server.ts';
import { startMoto } from '../../aws/moto.ts';
import { createNamespace } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { succeed } from '../../cluster/run-command.ts';
import { ISSUER, publishIssuer } from '../../setup/aws/aws-side.ts';
import { readRoleInIam } from '../../setup/aws/iam-roles.ts';
import { createRemedyShell } from '../../setup/doctor/remedy-shell.ts';
import {
  createRoles,
  manifests,
  movedWorldModel,
  nameOf,
  proxyManifests,
  readWorld,
  worldModel,
} from '../../setup/migrate/steps-world.ts';
import { startSite } from '../../setup/temporary-site.ts';

/**
 * The commands of the pages that `podrole migrate --out` writes, unchanged, with a real API server, a
 * third-party IAM and the AWS CLI. Each step is done and undone.
 */
const authority = await createAuthority('issuers');
const [cluster, moto] = await Promise.all([startControlPlane({ issuer: ISSUER }), startMoto()]);
after(() => Promise.all([cluster.stop(), moto.stop()]));
const issuer = await publishIssuer(cluster, authority);
after(() => issuer.stop());
const iam = new IAMClient(clientOptions(moto));
const site = await startSite(async (temporary) => ({ shell: await createRemedyShell(temporary) }));
after(site.stop);
const environment = {
  ...awsEnvironment(moto),
  AWS_EC2_METADATA_DISABLED: 'true',
  KUBECONFIG: cluster.kubeconfig,
  NODE_EXTRA_CA_CERTS: await site.file('ca.crt', authority.cert),
  PODROLE_ACCOUNT_ID: moto.account,
};

const model = worldModel(moto.account);
const steps = path.join(site.folder, 'steps');
await writeSteps(model, steps, { force: false });
await createNamespace(cluster, 'shop');
await createNamespace(cluster, 'batch');
await apply(...manifests(), ...proxyManifests());
await kubectl('annotate', 'namespace', 'shop', 'iam.amazonaws.com/allowed-roles=["shop-w*"]');
await createRoles(iam, model);
const readRoles = async () =>
  Promise.all(['kube2iam-nodes', ...model.roles.map(nameOf)].map((name) => readRoleInIam(iam, name)));
const [start, rolesAtStart] = await Promise.all([readWorld(cluster), readRoles()]);

test('step 1: each role trusts both; its undo leaves the trust policies as they were', async () => {
  await run('README.md', 'Run');
  await run('README.md', 'Verify');
  for (const role of (await readRoles()).slice(1)) {
    const [proxy, ...others] = role?.trust.Statement ?? [];
    assert.deepEqual(proxy, rolesAtStart[1]?.trust.Statement[0]);
    assert(others.length > 0);
    for (const { Action } of others) assert.equal(Action, 'sts:AssumeRoleWithWebIdentity');
  }
  assert.deepEqual(await readWorld(cluster), start, 'nothing in the cluster changes');
  await run('README.md', 'Undo');
  assert.deepEqual(await readRoles(), rolesAtStart);
});

test('step 2, with kubectl: the objects change as the plan says; the undo leaves them as they were', async () => {
  await runNamespaces('Run', 'Way B');
  expectSwitched(await readWorld(cluster));
  await runNamespaces('Undo', 'Way B');
  assert.deepEqual(await readWorld(cluster), start);
});

test('step 2, the rules of the namespaces: set, and set back', async () => {
  await runNamespaces('Run', 'The rule');
  const rules = (await readWorld(cluster)) as Record<string, { annotations: Record<string, string> }>;
  for (const [name, rule] of [
    ['shop', '["shop-*"]'],
    ['batch', '["batch-report"]'],
  ] as const)
    assert.equal(rules[`/api/v1/namespaces/${name}`]?.annotations['iam.amazonaws.com/allowed-roles'], rule);
  await runNamespaces('Undo', 'The rule');
  assert.deepEqual(await readWorld(cluster), start);
});

test('step 2, way A: the undo keeps pods from podrole, until the label is taken away again', async () => {
  await runNamespaces('Run', 'Way A');
  assert.deepEqual(await readWorld(cluster), start, 'only restarts');
  await runNamespaces('Undo', 'Way A');
  const skipped = JSON.stringify(await readWorld(cluster)).match(/skip-pod-identity-webhook":"true"/g);
  assert.equal(skipped?.length, 4);
  for (const page of ['shop', 'batch']) {
    const text = await readFile(path.join(steps, `2-namespaces/${page}/README.md`), 'utf8');
    const [, again = ''] = /take the label away:\n\n```sh\n([\s\S]*?)```/.exec(text) ?? [];
    await shell(again.split('\n'));
  }
  assert.deepEqual(await readWorld(cluster), start);
});

const BASES: Readonly<Record<string, (namespace: string) => object>> = {
  'manifests with a namespace': () => ({}),
  'manifests that get their namespace from the kustomization': (namespace) => ({ namespace }),
};
for (const [name, setting] of Object.entries(BASES)) {
  test(`step 2, with kustomize: ${name}`, async () => {
    for (const namespace of ['shop', 'batch']) {
      const built = await build(namespace, setting(namespace), true);
      assert.match(built, /role-arn/);
      await succeed('kubectl apply', cluster.kubectl(['apply', '-f', '-'], { input: built }));
    }
    expectSwitched(await readWorld(cluster));
    for (const namespace of ['shop', 'batch']) {
      const input = await build(namespace, setting(namespace), false);
      await succeed('kubectl apply', cluster.kubectl(['apply', '-f', '-'], { input }));
    }
    await kubectl('delete', '-f', path.join(steps, '2-namespaces/shop/service-accounts.yaml'));
    assert.deepEqual(await readWorld(cluster), start);
  });
}

test('step 3: the proxy can do nothing any more; its undo leaves all as it was', async () => {
  await run('README.md', 'Run');
  await runNamespaces('Run', 'Way B');
  const trust = async (name: string) => (await readRoleInIam(iam, name))?.trust;
  const moved = await movedWorldModel(trust, moto.account);
  const folder = path.join(site.folder, 'moved');
  await writeSteps(moved, folder, { force: false });
  const [before, rolesBefore] = await Promise.all([readWorld(cluster), readRoles()]);

  await run('3-clean-up/README.md', 'Run', folder);
  await run('3-clean-up/README.md', 'Verify', folder);
  const denial = await iam.send(
    new GetRolePolicyCommand({ RoleName: 'kube2iam-nodes', PolicyName: 'podrole-migrate-denial' }),
  );
  assert.match(decodeURIComponent(denial.PolicyDocument ?? ''), /"Deny"/);
  for (const role of (await readRoles()).slice(1)) {
    assert.doesNotMatch(JSON.stringify(role?.trust), /kube2iam/);
    assert.match(JSON.stringify(role?.trust), /AssumeRoleWithWebIdentity/);
  }
  const cleaned = await readWorld(cluster);
  const text = JSON.stringify(cleaned);
  assert.match(text, /"podrole.dev\/migrated":"stopped"/);
  assert.match(
    JSON.stringify(cleaned['/apis/apps/v1/namespaces/kube-system/deployments/kiam-server']),
    /"replicas":0/,
  );
  assert.equal(
    text.match(/iam.amazonaws.com\/role"/g)?.length,
    1,
    'only node-agent, which is not in the plan',
  );

  await run('3-clean-up/README.md', 'Undo', folder);
  assert.deepEqual([await readWorld(cluster), await readRoles()], [before, rolesBefore]);
  await runNamespaces('Undo', 'Way B');
  await run('README.md', 'Undo');
  assert.deepEqual([await readWorld(cluster), await readRoles()], [start, rolesAtStart]);
});

/** Expects what the plan says of way B. */
function expectSwitched(world: Readonly<Record<string, unknown>>): void {
  const arn = (name: string) => `arn:aws:iam::${moto.account}:role/${name}`;
  const text = (object: string) => JSON.stringify(world[object]);
  assert.match(
    text('/api/v1/namespaces/shop/serviceaccounts/web'),
    new RegExp(`"eks.amazonaws.com/role-arn":"${arn('shop-web')}"`),
  );
  assert.match(text('/apis/apps/v1/namespaces/shop/deployments/web'), /"podrole.dev\/sidecar":"credentials"/);
  assert.match(
    text('/apis/apps/v1/namespaces/shop/statefulsets/mail'),
    /"serviceAccountName":"default-shop-mail"/,
  );
  assert.match(
    text('/apis/apps/v1/namespaces/shop/daemonsets/node.agent'),
    /"serviceAccountName":"web-node.agent"/,
  );
  const decoy = '/apis/apps/v1/namespaces/shop/daemonsets/node-agent';
  assert.deepEqual(world[decoy], start[decoy]);
  const accounts = ['default', 'default-shop-mail', 'web', 'web-node.agent'];
  assert.deepEqual(world['/api/v1/namespaces/shop/serviceaccounts'], accounts);
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  assert.match(text(`${rbac}/namespaces/shop/rolebindings`), /^\["web:view-web-node\.agent-[\da-f]{8}"\]$/);
  assert.match(text(`${rbac}/clusterrolebindings`), /"web-web-node\.agent-[\da-f]{8}"/);
}

/** Builds the manifests of a namespace, with or without the component of the steps. */
async function build(namespace: string, setting: object, isSwitched: boolean): Promise<string> {
  const folder = path.join(site.folder, `base-${namespace}`);
  await mkdir(folder, { recursive: true });
  const own = manifests().filter((object) => JSON.stringify(object).includes(`"namespace":"${namespace}"`));
  const items = 'namespace' in setting ? own.map(withoutNamespace) : own;
  await writeFile(path.join(folder, 'all.yaml'), items.map((item) => JSON.stringify(item)).join('\n---\n'));
  const kustomization = {
    resources: ['all.yaml'],
    ...(isSwitched ? { components: [`../steps/2-namespaces/${namespace}`] } : {}),
    ...setting,
  };
  await writeFile(path.join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
  return kubectl('kustomize', folder);
}

function withoutNamespace(object: object): object {
  return JSON.parse(JSON.stringify(object), (key, value) => (key === 'namespace' ? undefined : value));
}

function kubectl(...args: readonly string[]): Promise<string> {
  return succeed(`kubectl ${args[0]}`, cluster.kubectl(args));
}

async function apply(...objects: readonly object[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await succeed('kubectl apply', cluster.kubectl(['apply', '-f', '-'], { input }));
}

async function run(page: string, heading: 'Run' | 'Verify' | 'Undo', folder = steps): Promise<void> {
  await shell(commandsIn(await readFile(path.join(folder, page), 'utf8'), heading), folder);
}

/** Runs one section of the page of each namespace. */
async function runNamespaces(heading: 'Run' | 'Undo', section: string): Promise<void> {
  for (const namespace of ['shop', 'batch']) {
    const page = await readFile(path.join(steps, `2-namespaces/${namespace}/README.md`), 'utf8');
    const found = page.split(/^## /m).find((part) => part.startsWith(section)) ?? '';
    await shell(commandsIn(found, heading));
  }
}

/** Without nodes no pod runs, so that nothing waits for a rollout, and no check sees a pod. */
async function shell(commands: readonly string[], folder = steps): Promise<void> {
  for (const command of commands)
    if (command !== '' && !/^(kubectl rollout status|podrole migrate) /.test(command))
      await succeed(command, site.shell(`cd '${folder}'\n${command}`, environment));
}
