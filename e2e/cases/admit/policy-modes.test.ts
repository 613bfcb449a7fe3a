import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectNoRole, expectRole } from '../../setup/aws/expect-identity.ts';
import { annotateNamespace, messageIn, POD_ROLE, tryPod } from '../../setup/pods/judged-pods.ts';
import {
  createPod,
  createServiceAccount,
  IMAGE,
  podManifest,
  podsIn,
  type StoredPod,
} from '../../setup/pods/pods.ts';
import { prepareWebhook, WEBHOOK_PORT } from '../../setup/webhook/webhook-site.ts';

/** One webhook for each --policy, with the same policy file, each for the namespace of its name. */
const BASE = 'arn:aws:iam::111122223333:role/';
const MODES = ['audit', 'warn', 'enforce'] as const;
const BINDING = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/podrole-webhook-namespaces';
const policy = (...roles: readonly string[]) => `apiVersion: podrole.dev/v1
kind: RolePolicy
rules:
- namespaces: [${MODES.join(', ')}]
  roles: [${['probe', 'web', ...roles].map((role) => `"${BASE}${role}"`).join(', ')}]
`;

const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-policy-'));
after(() => rm(folder, { recursive: true, force: true }));
const auditPolicy = path.join(folder, 'audit-policy.json');
const auditLog = path.join(folder, 'audit.log');
const rule = { level: 'Metadata', resources: [{ group: '', resources: ['pods'] }] };
await writeFile(
  auditPolicy,
  JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [rule, { level: 'None' }] }),
);
const cluster = await startControlPlane({
  issuer: 'https://oidc.example.test',
  extraApiServerFlags: [`--audit-policy-file=${auditPolicy}`, `--audit-log-path=${auditLog}`],
});
after(() => cluster.stop());
const site = await prepareWebhook(cluster, { judgesRoles: true });
after(() => site.stop());
const rolePolicyFile = await site.file('policy.yaml', policy());
const webhooks = await Promise.all(
  MODES.map((mode, at) =>
    site.start(
      [
        ...['--policy', mode, '--role-policy-file', rolePolicyFile, '--live-lookup=always'],
        ...['--pod-role-annotation', POD_ROLE, '--base-role-arn', BASE],
      ],
      { port: WEBHOOK_PORT + at, metricsPort: 9_999 - at },
    ),
  ),
);
for (const [at, mode] of MODES.entries()) {
  await site.register(mode, { port: WEBHOOK_PORT + at });
  await createServiceAccount(cluster, mode, 'plain');
  await createServiceAccount(cluster, mode, 'web', `${BASE}web`);
  await createServiceAccount(cluster, mode, 'admin', `${BASE}admin`);
  await createServiceAccount(cluster, mode, 'split', undefined, {
    'podrole.dev/container-roles': `app=${BASE}web,side=${BASE}admin`,
  });
  await annotateNamespace(cluster, mode, { 'iam.amazonaws.com/permitted': '.*' });
}

type Outcome = 'given' | 'given with a warning' | 'no role and a warning' | 'refused' | 'unchanged';
const table: readonly (readonly [
  name: string,
  account: string,
  named: string | undefined,
  outcomes: Readonly<Record<(typeof MODES)[number], Outcome>>,
])[] = [
  ['no role', 'plain', undefined, { audit: 'unchanged', warn: 'unchanged', enforce: 'unchanged' }],
  [
    'an allowed role of the ServiceAccount',
    'web',
    undefined,
    { audit: 'given', warn: 'given', enforce: 'given' },
  ],
  ['an allowed role of the pod', 'plain', 'web', { audit: 'given', warn: 'given', enforce: 'given' }],
  [
    'a refused role of the ServiceAccount',
    'admin',
    undefined,
    { audit: 'given', warn: 'given with a warning', enforce: 'refused' },
  ],
  [
    'a refused role of one container',
    'split',
    undefined,
    { audit: 'given', warn: 'given with a warning', enforce: 'refused' },
  ],
  [
    'a refused role of the pod',
    'plain',
    'admin',
    { audit: 'no role and a warning', warn: 'no role and a warning', enforce: 'refused' },
  ],
  [
    'a refused role of the pod, whose ServiceAccount has an allowed one',
    'web',
    `${BASE}admin`,
    { audit: 'no role and a warning', warn: 'no role and a warning', enforce: 'refused' },
  ],
];

for (const [name, account, named, outcomes] of table) {
  for (const mode of MODES) {
    test(`--policy=${mode}: ${name} is ${outcomes[mode]}`, async () => {
      const containers = ['app', 'side'].map((container) => ({ name: container, image: IMAGE }));
      const annotations = named === undefined ? {} : { [POD_ROLE]: named };
      const pod = podManifest(mode, account, { generateName: 'judged-', annotations, spec: { containers } });
      const answer = await tryPod(cluster, pod);
      if (outcomes[mode] === 'refused') {
        assert.equal(answer.status, 403);
        assert.match(
          messageIn(answer),
          /denied the request: podrole: .*admin.*policy\.yaml|policy\.yaml.*admin/,
        );
        return;
      }
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      assert.equal(answer.warnings.length > 0, outcomes[mode].endsWith('a warning'), answer.warnings.join());
      const stored = answer.body as StoredPod;
      if (!outcomes[mode].startsWith('given')) expectNoRole(stored, 'app');
      else expectRole(stored, 'app', `${BASE}${account === 'admin' ? 'admin' : 'web'}`);
    });
  }
}

test('refusals are counted, logged, and in the audit log of the API server', async () => {
  for (const [at, mode] of MODES.entries()) {
    const labels = `{rule="policy-file",mode="${mode}"}`;
    const counted = await webhooks[at]?.metric('podrole_policy_refusals_total', labels);
    assert.ok((counted ?? 0) >= 4, `${mode}: ${counted}`);
    const key = `podrole-${mode}.podrole.dev/role-refused`;
    await waitFor(async () => {
      const lines = (await readFile(auditLog, 'utf8')).split('\n').filter((line) => line.includes(key));
      return lines.some((line) => {
        const annotation: string = JSON.parse(line).annotations[key];
        return annotation.startsWith(`policy=${mode} | policy-file: `) && annotation.includes('admin');
      });
    }, `an entry with ${key}`);
  }
});

test('a Deployment whose pods are refused says why, and its ReplicaSet has the Event', async () => {
  const template = {
    metadata: { labels: { app: 'refused' } },
    spec: { serviceAccountName: 'admin', containers: [{ name: 'app', image: IMAGE }] },
  };
  const spec = { replicas: 1, selector: { matchLabels: { app: 'refused' } }, template };
  const body = { metadata: { name: 'refused' }, spec };
  const at = '/apis/apps/v1/namespaces/enforce/deployments';
  await expectSuccess(cluster, 'POST', at, body);
  await waitFor(async () => {
    const { status } = (await expectSuccess(cluster, 'GET', `${at}/refused`)).body as {
      status: { conditions?: { type: string; message: string }[] };
    };
    const condition = status.conditions?.find(({ type }) => type === 'ReplicaFailure');
    return condition && /denied the request: podrole: .*admin/.test(condition.message);
  }, 'the condition ReplicaFailure with the reason');
  await waitFor(async () => {
    const events = (await expectSuccess(cluster, 'GET', '/api/v1/namespaces/enforce/events')).body as {
      items: { reason: string; message: string; involvedObject: { kind: string; name: string } }[];
    };
    const ofOwner = events.items.filter(
      ({ involvedObject: { kind, name } }) => kind === 'ReplicaSet' && name.startsWith('refused-'),
    );
    return ['FailedCreate', 'PodIdentity'].every((reason) =>
      ofOwner.some((event) => event.reason === reason && /podrole: .*admin/.test(event.message)),
    );
  }, 'the Events of the controller and of podrole');
});

test('kubectl debug of a pod whose role is refused since is refused too; other pods can be debugged', async () => {
  await site.file('policy.yaml', policy('admin'));
  const pod = podManifest('enforce', 'admin', { name: 'running' });
  await waitFor(async () => (await tryPod(cluster, pod)).status === 201, 'the policy file reloaded');
  expectRole(await createPod(cluster, 'enforce', 'admin', { name: 'running' }), 'app', `${BASE}admin`);
  await createPod(cluster, 'enforce', 'web', { name: 'other' });
  await site.file('policy.yaml', policy());
  await waitFor(async () => (await tryPod(cluster, pod)).status === 403, 'the policy file reloaded');
  const debug = (name: string) =>
    cluster.kubectl([
      ...['debug', '--namespace=enforce', name, `--image=${IMAGE}`, '--attach=false', '--profile=general'],
    ]);
  assert.match((await debug('running')).stderr, /denied the request: podrole: .*admin/);
  assert.equal((await debug('other')).code, 0);
});

test('an invalid policy file leaves the last valid one in place, and is counted', async () => {
  const [, , enforcing] = webhooks;
  const failed = () => enforcing?.metric('podrole_policy_file_loads_total', '{result="failed"}');
  const before = (await failed()) ?? 0;
  await site.file('policy.yaml', policy().replace('rules:', 'rule:'));
  await waitFor(async () => ((await failed()) ?? 0) > before, 'the invalid file seen');
  assert.equal((await tryPod(cluster, podManifest('enforce', 'web'))).status, 201);
  assert.equal((await tryPod(cluster, podManifest('enforce', 'admin'))).status, 403);
  await site.file('policy.yaml', policy());
});

test('a dry run of a refused pod leaves no Event', async () => {
  const controller = {
    ...{
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      name: 'dry',
      uid: '00000000-0000-4000-8000-000000000000',
    },
    controller: true,
  };
  const pod = podManifest('enforce', 'admin', { name: 'dry' });
  const owned = { ...pod, metadata: { ...pod.metadata, ownerReferences: [controller] } };
  assert.equal((await cluster.request('POST', `${podsIn('enforce')}?dryRun=All`, owned)).status, 403);
  assert.equal((await cluster.request('POST', podsIn('enforce'), owned)).status, 403);
  // The Event of the second request comes later than one of the first would.
  const events = await waitFor(async () => {
    const { body } = await expectSuccess(cluster, 'GET', '/api/v1/namespaces/enforce/events');
    const items = (body as { items: { involvedObject: { name: string } }[] }).items.filter(
      ({ involvedObject }) => involvedObject.name === 'dry',
    );
    return items.length > 0 && items;
  }, 'the Event of the request that is not a dry run');
  assert.equal(events.length, 1);
});

test('without the right to read Namespaces, pods with a role are not decided, and others start', async () => {
  const { body } = await expectSuccess(cluster, 'GET', BINDING);
  await expectSuccess(cluster, 'DELETE', BINDING);
  const isUndecided = async (pod: ReturnType<typeof podManifest>) => {
    const answer = await tryPod(cluster, pod);
    return answer.status === 500 && /failed calling webhook/.test(messageIn(answer));
  };
  const named = podManifest('warn', 'plain', { generateName: 'n-', annotations: { [POD_ROLE]: 'web' } });
  await waitFor(() => isUndecided(named), 'a pod that is not decided');
  assert.ok(await isUndecided(podManifest('warn', 'web')));
  assert.equal((await tryPod(cluster, podManifest('warn', 'plain'))).status, 201);
  const { metadata, roleRef, subjects } = body as {
    metadata: { name: string };
    roleRef: object;
    subjects: object[];
  };
  const path = BINDING.slice(0, BINDING.lastIndexOf('/'));
  await expectSuccess(cluster, 'POST', path, { metadata: { name: metadata.name }, roleRef, subjects });
  await waitFor(async () => (await tryPod(cluster, named)).status === 201, 'decided again');
});
