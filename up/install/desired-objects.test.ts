import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectPath } from '../../kubernetes/object-path.ts';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { configMapName } from './config-map-name.ts';
import { desiredObjects, type InstallOptions, type LiveWebhook, settingsNameOf } from './desired-objects.ts';
import { describeId, idOf, installManifest } from './manifest.ts';

const manifest = installManifest();
const NOTHING: LiveWebhook = { deployment: undefined, settings: {} };
const UNASKED: InstallOptions = { image: undefined, settings: {}, servesPolicies: true };

function deploymentIn(objects: readonly JsonObject[]): JsonObject {
  return objects.find(({ kind }) => kind === 'Deployment') ?? assert.fail('no Deployment');
}

function specOf(objects: readonly JsonObject[]): { replicas: number; images: unknown[] } {
  const spec = asObject(deploymentIn(objects)['spec']);
  const podSpec = asObject(asObject(spec?.['template'])?.['spec']);
  const [container] = (asArray(podSpec?.['containers']) ?? []).map(asObject);
  const sidecar = (asArray(container?.['env']) ?? [])
    .map(asObject)
    .find((variable) => variable?.['name'] === 'PODROLE_SIDECAR_IMAGE');
  return { replicas: Number(spec?.['replicas']), images: [container?.['image'], sidecar?.['value']] };
}

test('without flags, an empty cluster gets install.yaml as it is', () => {
  assert.deepEqual(desiredObjects(manifest, UNASKED, NOTHING).objects, manifest);
});

test('every object has a path', () => {
  for (const object of manifest)
    assert.match(objectPath(idOf(object)), /^\/apis?\//, describeId(idOf(object)));
});

test('image and settings are those that were asked for; the sidecar gets the same image', () => {
  const options = { ...UNASKED, image: 'r.test/podrole:2', settings: { PODROLE_AWS_REGION: 'eu-west-1' } };
  const { objects, settings } = desiredObjects(manifest, options, NOTHING);
  assert.deepEqual(specOf(objects).images, ['r.test/podrole:2', 'r.test/podrole:2']);
  assert.deepEqual(settings, { PODROLE_AWS_REGION: 'eu-west-1' });
  const name = settingsNameOf(deploymentIn(objects));
  assert.equal(name, configMapName('podrole-webhook-settings', settings));
  assert.ok(objects.some((object) => idOf(object).kind === 'ConfigMap' && idOf(object).name === name));
});

test('image, settings and replicas of the cluster stay if nothing else is asked for', () => {
  const first = desiredObjects(manifest, { ...UNASKED, image: 'r.test/podrole:1' }, NOTHING);
  const installed = deploymentIn(first.objects);
  const deployment = { ...installed, spec: { ...asObject(installed['spec']), replicas: 5 } };
  const live = { deployment, settings: { PODROLE_AWS_REGION: 'eu-west-1', PODROLE_LOG_LEVEL: 'debug' } };
  const { objects, settings, notes } = desiredObjects(manifest, UNASKED, live);
  assert.deepEqual(specOf(objects), { replicas: 5, images: ['r.test/podrole:1', 'r.test/podrole:1'] });
  assert.deepEqual(settings, live.settings);
  assert.match(notes.join(), /keeps its image r\.test\/podrole:1/);
});

test('a Deployment that was scaled to nothing gets its replicas back', () => {
  const installed = deploymentIn(manifest);
  const deployment = { ...installed, spec: { ...asObject(installed['spec']), replicas: 0 } };
  assert.equal(specOf(desiredObjects(manifest, UNASKED, { deployment, settings: {} }).objects).replicas, 2);
});

test('without ValidatingAdmissionPolicy its objects are left out, with a note', () => {
  const { objects, notes } = desiredObjects(manifest, { ...UNASKED, servesPolicies: false }, NOTHING);
  assert.equal(objects.length, manifest.length - 2);
  assert.match(notes.join(), /no ValidatingAdmissionPolicy/);
});

test('a webhook that judges roles may read Namespaces, also in a later run without the flag', () => {
  const names = ({ objects }: { readonly objects: readonly JsonObject[] }) =>
    objects.map((object) => describeId(idOf(object))).filter((name) => name.endsWith('-namespaces'));
  const rights = ['ClusterRole podrole-webhook-namespaces', 'ClusterRoleBinding podrole-webhook-namespaces'];
  const asked = desiredObjects(manifest, { ...UNASKED, settings: { PODROLE_POLICY: 'enforce' } }, NOTHING);
  assert.deepEqual(names(asked), rights);
  const live = { deployment: deploymentIn(asked.objects), settings: asked.settings };
  assert.deepEqual(names(desiredObjects(manifest, UNASKED, live)), rights);
});

test('the name of the ConfigMap is that of kustomize', () => {
  assert.equal(
    configMapName('podrole-webhook-settings', { PODROLE_AWS_REGION: '' }),
    'podrole-webhook-settings-962m427tdt',
  );
  const one = configMapName('a', { B: '1', A: '<2>' });
  assert.equal(configMapName('a', { A: '<2>', B: '1' }), one);
});
