import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseRolePolicy } from '../../../policy/document/parse-role-policy.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import type { AdminAnswer } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { KUBERNETES_MINOR } from '../../cluster/kubernetes-version.ts';
import { commandsOf, copyCheckout, runCommands } from '../../setup/install/page-commands.ts';
import { createPod, IMAGE, podManifest } from '../../setup/pods/pods.ts';
import { prepareWebhook } from '../../setup/webhook/webhook-site.ts';
import { BAD, BASE, GOOD, PODS } from './pod-cases.ts';
import { podSpec, ROLE_KEY, refusalIn, startVapCluster, type VapCluster } from './vap-cluster.ts';

/** Effects of the native policies on objects as users write them, in every mode. */
const LIST_KEY = 'podrole.dev/container-roles';
const TARGET_KEY = 'podrole.dev/target-role-arn';
const POLICY = parseRolePolicy(
  `apiVersion: podrole.dev/v1
kind: RolePolicy
rules:
- namespaces: [shop]
  roles: ["${BASE}shop-*"]
- namespaces: [all, hooked]
  roles: ["*"]
`,
  'policy.yaml',
);
const RUNS = KUBERNETES_MINOR >= 30;
const options = { skip: !RUNS && 'ValidatingAdmissionPolicy is v1 since Kubernetes 1.30' };

const cluster = RUNS ? await startVapCluster() : (undefined as unknown as VapCluster);
after(() => cluster?.stop());
if (RUNS) {
  await cluster.namespace('shop', {});
  await cluster.namespace('all', {});
  await cluster.account('shop', 'web');
  await cluster.account('shop', 'old', { [ROLE_KEY]: BAD, [LIST_KEY]: `app=${BAD}` });
  await cluster.account('all', 'web');
  await createPod(cluster, 'shop', 'web', { name: 'running', spec: podSpec([{ value: BAD }]) });
}

test('pods', options, async (context) => {
  await cluster.install({ policy: POLICY, mode: 'enforce' });
  for (const [title, isRefused, spec] of PODS) {
    await context.test(title, async () => {
      const answer = await tryPod('shop', spec);
      assert.equal(refusalIn(answer) !== undefined, isRefused, JSON.stringify(answer.body));
      // A pattern * allows everything.
      assert.equal(refusalIn(await tryPod('all', spec)), undefined);
    });
  }
});

test('the API server finds nothing wrong with the types of the expressions', options, async () => {
  for (const name of ['pods', 'serviceaccounts']) {
    const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${name}.roles.podrole.dev`;
    const status = await waitFor(async () => {
      const { body } = await cluster.request('GET', path);
      return (body as PolicyBody).status?.typeChecking;
    }, `type check of ${name}`);
    assert.deepEqual(status, {});
  }
});

interface PolicyBody {
  readonly status?: { readonly typeChecking?: object };
}

test('a refusal names the ServiceAccount, the rule and the role', options, async () => {
  const answer = await tryPod('shop', podSpec([{ value: BAD }]));
  assert.equal(answer.status, 403);
  assert.match(
    refusalIn(answer) ?? '',
    /ServiceAccount shop\/web: the role policy policy\.yaml does not allow role arn:aws:iam::111122223333:role\/admin$/,
  );
});

const ANNOTATIONS: readonly [string, boolean, Record<string, string>][] = [
  ['an allowed role', false, { [ROLE_KEY]: GOOD }],
  ['a refused role', true, { [ROLE_KEY]: BAD }],
  ['an empty role', false, { [ROLE_KEY]: '' }],
  ['an allowed role of a container', false, { [LIST_KEY]: `app=${GOOD}, log = ${GOOD},` }],
  ['a refused role of a container', true, { [LIST_KEY]: `app=${GOOD},log=${BAD}` }],
  ['an entry without a container', true, { [LIST_KEY]: BAD }],
  ['too many entries', true, { [LIST_KEY]: `app=${GOOD},`.repeat(101) }],
  ['a list that is too long', true, { [LIST_KEY]: `app=${GOOD},${'x'.repeat(65_536)}` }],
  ['a refused target role', true, { [ROLE_KEY]: GOOD, [TARGET_KEY]: BAD }],
  ['an allowed target role', false, { [ROLE_KEY]: GOOD, [TARGET_KEY]: `${GOOD}-shared` }],
  ['another annotation', false, { other: BAD }],
];

test('ServiceAccounts', options, async (context) => {
  for (const [title, isRefused, annotations] of ANNOTATIONS) {
    await context.test(title, async () => {
      const path = '/api/v1/namespaces/shop/serviceaccounts';
      const created = await cluster.request('POST', `${path}?dryRun=All`, {
        metadata: { generateName: 'made-', annotations },
      });
      const changed = await cluster.request('PATCH', `${path}/web?dryRun=All`, { metadata: { annotations } });
      assert.deepEqual(
        [created, changed].map((answer) => refusalIn(answer) !== undefined),
        [isRefused, isRefused],
      );
    });
  }
});

test('what exists can still be edited and deleted', options, async () => {
  const old = '/api/v1/namespaces/shop/serviceaccounts/old?dryRun=All';
  const labels = { metadata: { labels: { team: 'shop' }, annotations: { other: 'x' } } };
  assert.equal(refusalIn(await cluster.request('PATCH', old, labels)), undefined);
  const moved = { metadata: { annotations: { [LIST_KEY]: `app=${BAD},other=${GOOD}` } } };
  assert.equal(refusalIn(await cluster.request('PATCH', old, moved)), undefined);
  const added = { metadata: { annotations: { [LIST_KEY]: `app=${BAD},other=${BASE}root` } } };
  assert.match(refusalIn(await cluster.request('PATCH', old, added)) ?? '', /role\/root$/);
  const pod = '/api/v1/namespaces/shop/pods/running';
  assert.equal(refusalIn(await cluster.request('PATCH', pod, labels)), undefined);
});

test('ephemeral containers', options, async () => {
  const add = (name: string, value: string) =>
    cluster.request(
      'PATCH',
      '/api/v1/namespaces/shop/pods/running/ephemeralcontainers',
      { spec: { ephemeralContainers: [{ name, image: IMAGE, env: [{ name: 'AWS_ROLE_ARN', value }] }] } },
      'application/strategic-merge-patch+json',
    );
  // The pod's own container has a refused role from before.
  assert.equal(refusalIn(await add('good', GOOD)), undefined);
  assert.match(refusalIn(await add('bad', BAD)) ?? '', /role\/admin$/);
  assert.equal(refusalIn(await add('better', GOOD)), undefined);
});

test('the role that the webhook gives is judged', options, async () => {
  const site = await prepareWebhook(cluster);
  try {
    await site.start();
    await site.register('hooked');
    await cluster.account('hooked', 'web', { [ROLE_KEY]: GOOD });
    const before = await tryPod('hooked', podSpec([]));
    assert.match(JSON.stringify(before.body), /"AWS_ROLE_ARN","value":"[^"]*shop-web"/);
    await cluster.install({ policy: parseRolePolicy(NOTHING, 'nothing.yaml'), mode: 'enforce' });
    assert.match(
      refusalIn(await tryPod('hooked', podSpec([]))) ?? '',
      /nothing\.yaml does not allow role \S+:role\/shop-web$/,
    );
  } finally {
    await site.stop();
  }
});

const NOTHING = 'apiVersion: podrole.dev/v1\nkind: RolePolicy\nrules: []\n';

test('modes: warn and audit let the pod in', options, async () => {
  await cluster.request(
    'DELETE',
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podrole',
  );
  await cluster.install({ policy: POLICY, mode: 'warn' });
  const warned = await tryPod('shop', podSpec([{ value: BAD }]));
  assert.equal(warned.status, 201);
  assert.match(
    warned.warnings.join(),
    /ServiceAccount shop\/web: the role policy policy\.yaml does not allow/,
  );
  await cluster.install({ policy: POLICY, mode: 'audit' });
  const audited = await tryPod('shop', podSpec([{ value: BAD }]));
  assert.deepEqual([audited.status, audited.warnings.join()], [201, '']);
});

test(
  '200 rules and 100 containers are within the limits; what is beyond them is refused',
  options,
  async () => {
    const rules = Array.from(
      { length: 200 },
      (_, at) => `- namespaces: [n${at}, "s*p"]
  serviceAccounts: ["w*", "*${at}-x"]
  roles: ["${BASE}team-${at}/*-x", "${BASE}team-${at}/web"]
`,
    );
    const policy = parseRolePolicy(
      `apiVersion: podrole.dev/v1\nkind: RolePolicy\nrules:\n${rules.join('')}- {namespaces: [all], roles: ["*"]}\n`,
      'many.yaml',
    );
    await cluster.install({ policy, mode: 'enforce' });
    const containers = (count: number, value: string) => ({
      containers: Array.from({ length: count }, (_, at) => ({
        name: `c${at}`,
        image: IMAGE,
        env: [{ name: 'AWS_ROLE_ARN', value }],
      })),
    });
    const allowed = await tryPod('shop', containers(100, `${BASE}team-199/a-x`));
    assert.equal(refusalIn(allowed), undefined);
    const different = containers(100, '').containers.map((container, at) => ({
      ...container,
      env: [{ name: 'AWS_ROLE_ARN', value: `${BASE}team-${at}/a-x` }],
    }));
    assert.equal(refusalIn(await tryPod('shop', { containers: different })), undefined);
    assert.match(refusalIn(await tryPod('shop', containers(100, `${BASE}other`))) ?? '', /role\/other$/);
    // Hostile: the API server gives up, and refuses.
    const hostile = containers(4_000, '').containers.map((container, at) => ({
      ...container,
      env: [{ name: 'AWS_ROLE_ARN', value: `${BASE}team-199/${'a-x'.repeat(50)}${at}-x` }],
    }));
    const { status, body } = await tryPod('shop', { containers: hostile });
    assert.ok([403, 422].includes(status), `${status}`);
    assert.match(JSON.stringify(body), /denied request: .*cost/);
  },
);

test('a Namespace whose annotation is as large as it can be lets no pod through', options, async () => {
  for (const word of ['*a', 'a*b*c*d', `${BASE}*x`]) {
    const value = `${word} `.repeat(Math.floor(250_000 / (word.length + 1)));
    await annotate(value);
    // The API server judges by its own copy of the Namespace, which follows.
    await waitFor(
      async () => (await tryPod('all', podSpec([{ value: BAD }]))).status !== 201,
      `refusal of ${word}`,
    );
    await expectRefusal(word);
    const most = `${word} `.repeat(Math.min(1_000, Math.floor(32_768 / (word.length + 1))));
    await annotate(most);
    await expectRefusal(word);
  }
  await annotate(null);
});

test('docs/policy.md', options, async () => {
  const commands = await commandsOf('policy.md');
  assert.ok(commands.length >= 5, `${commands.length} blocks`);
  const checkout = await copyCheckout();
  try {
    const { code, stdout, stderr } = await runCommands(commands, {
      ...checkout,
      kubeconfig: cluster.kubeconfig,
    });
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.match(
      stdout,
      /Namespace shop\n {2}may use {2}arn:aws:iam::111122223333:role\/shop-\* {2}\(policy\.yaml\)/,
    );
    assert.match(stdout, /refused {2}ServiceAccount old: arn:aws:iam::111122223333:role\/admin/);
  } finally {
    await checkout.remove();
  }
});

/** A refusal also if the API server could not judge. */
async function expectRefusal(title: string): Promise<void> {
  const { status, body } = await tryPod('all', podSpec([{ value: BAD }]));
  assert.ok([403, 422].includes(status), `${title}: ${status}`);
  assert.match(JSON.stringify(body), /pods\.roles\.podrole\.dev/);
}

async function annotate(value: string | null): Promise<void> {
  await expectSuccess(cluster, 'PATCH', '/api/v1/namespaces/all', {
    metadata: { annotations: { 'podrole.dev/allowed-roles': value } },
  });
}

function tryPod(namespace: string, spec: object): Promise<AdminAnswer> {
  const manifest = podManifest(namespace, 'web', { generateName: 'try-', spec: { ...spec } });
  return cluster.request('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, manifest);
}
