import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import fastJsonPatch from 'fast-json-patch';
import { isMap, parseDocument } from 'yaml';
import { parseIdentityConfigMap } from '../identity/config-map.ts';
import { parseContainerCredentialsConfig } from '../identity/container-credentials-config.ts';
import { decideIdentity } from '../identity/decide-identity.ts';
import { keepFacts } from '../identity/service-accounts.ts';
import { identitySettings } from '../identity/settings.ts';
import { asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { mutateEphemeralContainers } from '../pods/ephemeral-containers.ts';
import { mutatePod } from '../pods/mutate-pod.ts';
import { patchOf } from './json-patch.ts';

/**
 * A fixture is one file: what goes in (settings, ServiceAccount, the two other sources, the Pod), and the Pod and warnings
 * that come out. To rewrite what comes out, then look at the difference:
 *
 *     UPDATE_GOLDEN=1 node --test webhook/golden.test.ts
 */
const files = globSync('testdata/*.yaml', { cwd: import.meta.dirname }).sort();

test('there are fixtures', () => assert.ok(files.length >= 25));

for (const file of files) {
  test(basename(file, '.yaml'), () => {
    const path = `${import.meta.dirname}/${file}`;
    const document = parseDocument(readFileSync(path, 'utf8'));
    const fixture: JsonObject = document.toJS();
    const pod = asObject(fixture['pod']) ?? {};
    const first = run(fixture, pod);
    const actual = { expected: first.pod === pod ? 'unchanged' : first.pod, warnings: first.warnings };
    if (process.env['UPDATE_GOLDEN']) {
      assert.ok(isMap(document.contents));
      document.set('expected', document.createNode(actual.expected, { aliasDuplicateObjects: false }));
      document.set('warnings', document.createNode(actual.warnings));
      writeFileSync(path, document.toString({ lineWidth: 0 }));
      return;
    }
    assert.deepEqual(actual, { expected: fixture['expected'], warnings: fixture['warnings'] });

    const patched = fastJsonPatch.applyPatch(structuredClone(pod), patchOf(pod, first.pod)).newDocument;
    assert.deepEqual(patched, first.pod, 'the patch makes the expected pod');
    assert.equal(run(fixture, first.pod).pod, first.pod, 'a second run changes nothing');
  });
}

/** One admission, as the webhook does it. */
function run(fixture: JsonObject, pod: JsonObject): { pod: JsonObject; warnings: readonly string[] } {
  const settings = { ...readSettings(identitySettings, {}, {}), ...asObject(fixture['settings']) };
  const credentials = parseContainerCredentialsConfig(asText(fixture['containerCredentials']));
  const configMap = parseIdentityConfigMap(asText(fixture['configMap']), settings);
  assert.ok(credentials.ok && configMap.identities);
  const { identity, warnings } = decideIdentity({
    namespace: 'shop',
    serviceAccountName: asText(asObject(pod['spec'])?.['serviceAccountName']) ?? 'default',
    serviceAccount: keepFacts(fixture['serviceAccount'], settings.annotationPrefix),
    podAnnotations: asObject(pod['metadata'])?.['annotations'],
    containerCredentials: credentials.identities,
    configMap: configMap.identities,
    settings,
    random: () => 0.25,
  });
  if (!identity) return { pod: mutatePod(pod, undefined).pod, warnings };
  const oldPod = asObject(fixture['oldPod']);
  const mutated = oldPod
    ? mutateEphemeralContainers(pod, oldPod, identity)
    : mutatePod(pod, identity, asObject(fixture['options']));
  return { pod: mutated.pod, warnings: [...warnings, ...mutated.warnings] };
}
