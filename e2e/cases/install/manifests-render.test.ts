import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { type ManifestObject, onlyObject } from '../../../testing/manifest-files.ts';
import {
  helm,
  helmTemplate,
  kustomize,
  lintChart,
  MANIFESTS,
  objectsByKey,
} from '../../setup/install/manifest-renderers.ts';

/** Tests the output of kubectl and helm for manifests/. This command rewrites install.yaml:
 *     UPDATE_GOLDEN=1 e2e/run e2e/cases/install/manifests-render.test.ts
 */
const overlay = (name: string) => path.join(MANIFESTS, 'overlays', name);
const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-manifests-'));
after(() => rm(folder, { recursive: true, force: true }));

test('install.yaml equals the default overlay as kubectl renders it', async () => {
  const file = path.join(MANIFESTS, 'install.yaml');
  const rendered = await kustomize(overlay('default'));
  if (process.env['UPDATE_GOLDEN']) await writeFile(file, rendered);
  assert.equal(await readFile(file, 'utf8'), rendered);
});

test('a custom overlay names its registry and its settings once', async () => {
  await cp(MANIFESTS, path.join(folder, 'podrole'), { recursive: true });
  const own = path.join(folder, 'own');
  await mkdir(own);
  // Not overlays/publisher: it also contains the namespace, and kustomize accepts an object only once.
  await writeFile(
    path.join(own, 'kustomization.yaml'),
    `resources: [../podrole/overlays/default, ../podrole/base/publisher]
images:
  - name: podrole
    newName: registry.example.com/podrole
    newTag: 1.2.3
transformers: [../podrole/transformers/sidecar-image]
configMapGenerator:
  - name: podrole-webhook-settings
    namespace: podrole
    behavior: merge
    literals: [PODROLE_AWS_REGION=eu-west-1]
`,
  );
  const objects = Object.values(objectsByKey(await kustomize(own)));
  const image = 'registry.example.com/podrole:1.2.3';
  const [webhook] = onlyObject(objects, 'Deployment', 'podrole-webhook').spec.template.spec.containers;
  assert.equal(webhook.image, image);
  const sidecar = webhook.env.find(({ name }: { name: string }) => name === 'PODROLE_SIDECAR_IMAGE');
  assert.equal(sidecar.value, image);
  const [publisher] = onlyObject(objects, 'Deployment', 'podrole-publisher').spec.template.spec.containers;
  assert.equal(publisher.image, image);
  const { data, metadata } = onlyObject(objects, 'ConfigMap');
  assert.deepEqual(data, { PODROLE_AWS_REGION: 'eu-west-1' });
  assert.equal(webhook.envFrom[0].configMapRef.name, metadata.name);
});

const DAEMON_SET = 'apps/v1 DaemonSet podrole-agent/podrole-agent';
const publisherValues = [
  'settings.PODROLE_TO=s3://oidc-example-com',
  'settings.AWS_REGION=eu-west-1',
  'enabled=true',
];
const sameObjects: readonly { name: string; values: readonly string[]; overlays: readonly string[] }[] = [
  { name: 'default values', values: [], overlays: ['default'] },
  {
    name: 'Kubernetes 1.29',
    values: ['admissionPolicy.enabled=false'],
    overlays: ['kubernetes-1.29'],
  },
  { name: 'cert-manager', values: ['certManager.enabled=true'], overlays: ['cert-manager'] },
  {
    name: 'everything',
    values: ['monitoring.enabled=true', ...publisherValues.map((value) => `publisher.${value}`)],
    overlays: ['default', 'publisher', 'monitoring'],
  },
  {
    name: 'the agent',
    values: ['enabled=true', 'settings.AWS_REGION=eu-west-1'].map((value) => `agent.${value}`),
    overlays: ['default', 'agent'],
  },
];
for (const { name, values, overlays } of sameObjects) {
  test(`helm installs the same objects as kustomize, except for the namespace: ${name}`, async () => {
    const rendered = await Promise.all(overlays.map((one) => kustomize(overlay(one))));
    const expected = comparable(rendered.join('---\n'));
    for (const key of Object.keys(expected)) if (key.startsWith('v1 Namespace /')) delete expected[key];
    const actual = comparable(await helmTemplate(...values));
    assert.deepEqual(Object.keys(actual).toSorted(), Object.keys(expected).toSorted());
    for (const [key, object] of Object.entries(actual)) assert.deepEqual(object, expected[key], key);
  });
}

test('the component of kustomize and the setting let the agent read ServiceAccounts', async () => {
  await cp(MANIFESTS, path.join(folder, 'agent/podrole'), { recursive: true });
  await mkdir(path.join(folder, 'agent/own'));
  await writeFile(
    path.join(folder, 'agent/own/kustomization.yaml'),
    `resources: [../podrole/overlays/agent]
components: [../podrole/components/agent-service-account-roles]
`,
  );
  const values = [
    'enabled=true',
    'settings.AWS_REGION=eu-west-1',
    'settings.PODROLE_SERVICE_ACCOUNT_ROLES=true',
  ].map((value) => `agent.${value}`);
  const ofKustomize = comparable(await kustomize(path.join(folder, 'agent/own')));
  const ofHelm = comparable(await helmTemplate(...values));
  for (const kind of ['ClusterRole', 'ClusterRoleBinding']) {
    const key = `rbac.authorization.k8s.io/v1 ${kind} /podrole-agent-service-accounts`;
    assert.ok(ofHelm[key]);
    assert.deepEqual(ofHelm[key], ofKustomize[key]);
  }
  const [agent] = onlyObject(Object.values(ofKustomize), 'DaemonSet').spec.template.spec.containers;
  assert.deepEqual(agent.args, ['agent', '--service-account-roles']);
});

test('the agent of the chart reads the folder of kubelet that is given, and a clean path alone', async () => {
  const values = ['agent.enabled=true', 'agent.settings.AWS_REGION=eu-west-1'];
  const folder = '/var/lib/k0s/kubelet/pods';
  const objects = Object.values(
    objectsByKey(await helmTemplate(...values, `agent.kubeletPodsFolder=${folder}`)),
  );
  const { containers, volumes } = onlyObject(objects, 'DaemonSet').spec.template.spec;
  assert.deepEqual(volumes[0], { name: 'kubelet-pods', hostPath: { path: folder, type: 'Directory' } });
  assert.equal(containers[0].volumeMounts[0].mountPath, '/var/lib/kubelet/pods');
  for (const bad of ['', '/', '/var/lib/kubelet', '/var/../pods', 'var/lib/kubelet/pods'])
    await assert.rejects(helmTemplate(...values, `agent.kubeletPodsFolder=${bad}`), bad);
});

test('the component of kustomize and monitoring.enabled serve the metrics of agents in the same way', async () => {
  await cp(MANIFESTS, path.join(folder, 'scraped/podrole'), { recursive: true });
  await mkdir(path.join(folder, 'scraped/own'));
  await writeFile(
    path.join(folder, 'scraped/own/kustomization.yaml'),
    `resources: [../podrole/overlays/agent]
components: [../podrole/components/agent-metrics]
`,
  );
  const values = ['agent.enabled=true', 'agent.settings.AWS_REGION=eu-west-1', 'monitoring.enabled=true'];
  const ofKustomize = comparable(await kustomize(path.join(folder, 'scraped/own')));
  const ofHelm = comparable(await helmTemplate(...values));
  for (const key of ['v1 Service podrole-agent/podrole-agent-metrics', DAEMON_SET]) {
    assert.ok(ofHelm[key], Object.keys(ofHelm).join());
    assert.deepEqual(ofHelm[key], ofKustomize[key]);
  }
  const other = ['fullnameOverride=other', 'agent.namespace=own'];
  const objects = Object.values(objectsByKey(await helmTemplate(...values, ...other)));
  const { spec } = onlyObject(objects, 'ServiceMonitor', 'other-agent');
  assert.deepEqual(spec.namespaceSelector.matchNames, ['own']);
  assert.equal(onlyObject(objects, 'Service', 'other-agent-metrics').metadata.namespace, 'own');
  assert.match(JSON.stringify(onlyObject(objects, 'PrometheusRule')), /daemonset=\\"other-agent\\"/);
});

const clientValues = ['configMap=podrole-webhook-clients', 'names={kube-apiserver,front}'].map(
  (value) => `webhook.clientCa.${value}`,
);
test('the client CA is mounted with and without a certificate of cert-manager', async () => {
  for (const [values, mounts] of [
    [[], ['clients']],
    [['certManager.enabled=true'], ['certificate', 'clients']],
  ] as const) {
    const objects = Object.values(objectsByKey(await helmTemplate(...values, ...clientValues)));
    const { containers, volumes } = onlyObject(objects, 'Deployment', 'podrole-webhook').spec.template.spec;
    const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
    assert.deepEqual([names(volumes), names(containers[0].volumeMounts)], [mounts, mounts]);
    const client = containers[0].args.filter((arg: string) => arg.startsWith('--client-'));
    assert.deepEqual(client, [
      '--client-ca=/etc/webhook/clients/ca.crt',
      '--client-name=kube-apiserver,front',
    ]);
  }
});

const rolePolicyValues = ['apiVersion=podrole.dev/v1', 'kind=RolePolicy', 'unlisted=allow'].map(
  (value) => `webhook.rolePolicy.${value}`,
);
const settings = (value: string) => `webhook.settings.PODROLE_${value}`;

test('Namespaces may be read only if roles are judged', async () => {
  const cases: [values: readonly string[], reads: boolean][] = [
    [[], false],
    [[settings('POLICY=warn')], false],
    [[settings('BASE_ROLE_ARN=arn:aws:iam::111122223333:role/')], false],
    [[settings('POLICY=enforce')], true],
    [[settings('POLICY=audit')], true],
    [[settings('POD_ROLE_ANNOTATION=iam.amazonaws.com/role')], true],
    [[settings('ROLE_POLICY_FILE=/etc/own/policy.yaml')], true],
    [rolePolicyValues, true],
  ];
  for (const [values, reads] of cases) {
    const objects = Object.values(objectsByKey(await helmTemplate(...values)));
    const rules = objects.filter(({ kind }) => kind === 'ClusterRole').flatMap((role) => role['rules']);
    const ofNamespaces = rules.filter(({ resources }) => resources.includes('namespaces'));
    const right = { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] };
    assert.deepEqual(ofNamespaces, reads ? [right] : [], values.join());
  }
});

test('the component of kustomize and the value rolePolicy give the same rights and the same file', async () => {
  await cp(MANIFESTS, path.join(folder, 'rules/podrole'), { recursive: true });
  await mkdir(path.join(folder, 'rules/own'));
  await writeFile(
    path.join(folder, 'rules/own/kustomization.yaml'),
    `resources: [../podrole/overlays/default]
components: [../podrole/components/role-rules]
`,
  );
  const ofKustomize = comparable(await kustomize(path.join(folder, 'rules/own')));
  const ofHelm = comparable(await helmTemplate(...rolePolicyValues));
  for (const kind of ['ClusterRole', 'ClusterRoleBinding']) {
    const key = `rbac.authorization.k8s.io/v1 ${kind} /podrole-webhook-namespaces`;
    assert.ok(ofHelm[key]);
    assert.deepEqual(ofHelm[key], ofKustomize[key]);
  }
  const mountOf = (objects: Readonly<Record<string, ManifestObject>>) => {
    const { spec } = onlyObject(Object.values(objects), 'Deployment', 'podrole-webhook').spec.template;
    const [volume] = spec.volumes;
    return [volume.name, volume.configMap.name, spec.containers[0].volumeMounts];
  };
  assert.deepEqual(mountOf(ofHelm), mountOf(ofKustomize));
  const [args] = Object.values(ofHelm)
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ spec }) => spec.template.spec.containers[0].args);
  assert.ok(args.includes('--role-policy-file=/etc/podrole/role-policy/policy.yaml'));
  const { data } = ofHelm['v1 ConfigMap podrole/podrole-role-policy'] ?? assert.fail();
  assert.equal(data['policy.yaml'], 'apiVersion: podrole.dev/v1\nkind: RolePolicy\nunlisted: allow\n');
});

test('helm refuses a policy that the webhook would refuse, and two at once', async () => {
  for (const [values, message] of [
    [['webhook.rolePolicy.unlisted=maybe'], /unlisted/],
    [['webhook.rolePolicy.unlist=deny'], /unlist/],
    [['webhook.rolePolicy.rules[0].roles={arn:x}'], /namespaces/],
    [[...rolePolicyValues, settings('ROLE_POLICY_FILE=/a')], /both name a policy/],
    [[settings('POLICY=deny')], /POLICY/],
  ] as const) {
    const { code, stderr } = await helm(
      ...['template', 'podrole', path.join(MANIFESTS, 'helm'), ...values.map((one) => `--set=${one}`)],
    );
    assert.equal(code, 1, values.join());
    assert.match(stderr, message);
  }
});

test('helm lint accepts the chart', async () => {
  for (const values of [[], ...sameObjects.map(({ values: given }) => given)]) {
    const { code, stdout, stderr } = await lintChart(...values);
    assert.equal(code, 0, stdout + stderr);
    assert.doesNotMatch(stdout + stderr, /symbolic link|WARNING|\[INFO\]/);
  }
});

test('helm explains what to do on a Kubernetes without ValidatingAdmissionPolicy', async () => {
  const old = ['--namespace=podrole', '--kube-version=1.29.6'];
  const refused = await helm('template', 'podrole', path.join(MANIFESTS, 'helm'), ...old);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /Kubernetes v1\.29\.6 has no ValidatingAdmissionPolicy.*set admissionPolicy\.enabled=false/,
  );
  const off = await helm(
    ...['template', 'podrole', path.join(MANIFESTS, 'helm'), ...old, '--set=admissionPolicy.enabled=false'],
  );
  assert.equal(off.code, 0, off.stderr);
});

/**
 * Removes intended differences: helm's labels, and the hash in a generated name, which helm replaces by a
 * checksum in the pod.
 */
function comparable(rendered: string): Record<string, ManifestObject> {
  const text = rendered.replaceAll(/(podrole-[a-z]+-settings)-[a-z0-9]{10}$/gm, '$1');
  return Object.fromEntries(
    Object.entries(objectsByKey(text)).map(([key, object]) => {
      for (const name of [
        'app.kubernetes.io/instance',
        'app.kubernetes.io/managed-by',
        'app.kubernetes.io/version',
        'helm.sh/chart',
      ]) {
        delete object.metadata.labels?.[name];
      }
      if (object.spec?.template) delete object.spec.template.metadata.annotations;
      return [key, object];
    }),
  );
}
