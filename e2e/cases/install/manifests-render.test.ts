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
];
for (const { name, values, overlays } of sameObjects) {
  test(`helm installs the same objects as kustomize, except for the namespace: ${name}`, async () => {
    const rendered = await Promise.all(overlays.map((one) => kustomize(overlay(one))));
    const expected = comparable(rendered.join('---\n'));
    assert.ok(delete expected['v1 Namespace /podrole']);
    const actual = comparable(await helmTemplate(...values));
    assert.deepEqual(Object.keys(actual).toSorted(), Object.keys(expected).toSorted());
    for (const [key, object] of Object.entries(actual)) assert.deepEqual(object, expected[key], key);
  });
}

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
      if (object.kind === 'Deployment') delete object.spec.template.metadata.annotations;
      return [key, object];
    }),
  );
}
