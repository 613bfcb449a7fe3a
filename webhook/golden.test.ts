import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { isMap, parseDocument } from 'yaml';
import { parseIdentityConfigMap } from '../identity/config-map.ts';
import { parseContainerCredentialsConfig } from '../identity/container-credentials-config.ts';
import { toServiceAccountFacts } from '../identity/service-accounts.ts';
import { identitySettings } from '../identity/settings/identity-settings.ts';
import { memorySource } from '../identity/sources/memory-source.ts';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { review } from './admission.ts';

/**
 * A fixture is one file: the input of an admission request (settings, ServiceAccount, the two other sources,
 * the Pod, for ephemeral containers also the old Pod), and the Pod and warnings that come out. To rewrite the
 * output, then look at the difference:
 *
 *     UPDATE_GOLDEN=1 node --test webhook/golden.test.ts
 */
const files = globSync('testdata/*.yaml', { cwd: import.meta.dirname }).sort();

test('there are fixtures', () => assert.ok(files.length >= 25));

for (const file of files) {
  test(basename(file, '.yaml'), async () => {
    const path = `${import.meta.dirname}/${file}`;
    const document = parseDocument(readFileSync(path, 'utf8'));
    const fixture: JsonObject = document.toJS();
    const { operations, pod, warnings } = await admit(fixture, asObject(fixture['pod']) ?? {});
    const actual = { expected: operations.length === 0 ? 'unchanged' : pod, warnings };

    const again = await admit(fixture, pod);
    assert.deepEqual(again.operations, [], 'a second review changes nothing');
    const added = again.warnings.filter((warning) => !warnings.includes(warning));
    assert.deepEqual(added, [], 'and warns of nothing new');

    if (process.env['UPDATE_GOLDEN']) {
      assert.ok(isMap(document.contents));
      document.set('expected', document.createNode(actual.expected, { aliasDuplicateObjects: false }));
      document.set('warnings', document.createNode(actual.warnings));
      writeFileSync(path, document.toString({ lineWidth: 0 }));
      return;
    }
    assert.deepEqual(actual, { expected: fixture['expected'], warnings: fixture['warnings'] });
  });
}

interface Admitted {
  readonly operations: readonly Operation[];
  /** The pod with the patch applied, as the API server stores it. */
  readonly pod: JsonObject;
  readonly warnings: readonly unknown[];
}

/** Sends a pod of a fixture through the review that users run. */
async function admit(fixture: JsonObject, pod: JsonObject): Promise<Admitted> {
  const settings = { ...readSettings(identitySettings, {}, {}), ...asObject(fixture['settings']) };
  const credentials = parseContainerCredentialsConfig(asText(fixture['containerCredentials']));
  const { identities } = parseIdentityConfigMap(asText(fixture['configMap']), settings);
  assert.ok(credentials.ok && identities);
  const serviceAccount = toServiceAccountFacts(fixture['serviceAccount'], settings.annotationPrefix);
  const answer = await review(bodyOf(pod, asObject(fixture['oldPod'])), {
    settings,
    serviceAccounts: memorySource(serviceAccount ? [serviceAccount] : []),
    containerCredentials: () => credentials.identities,
    configMap: () => identities,
    random: () => 0.25,
  });
  const response = asObject(asObject(JSON.parse(answer.body))?.['response']);
  assert.equal(response?.['allowed'], true, answer.body);
  const patch = Buffer.from(asText(response['patch']) ?? btoa('[]'), 'base64').toString('utf8');
  const operations: Operation[] = JSON.parse(patch);
  return {
    operations,
    pod: fastJsonPatch.applyPatch(structuredClone(pod), operations, true).newDocument,
    warnings: asArray(response['warnings']) ?? [],
  };
}

/** @param oldPod makes it the update of a running pod that gets ephemeral containers */
function bodyOf(pod: JsonObject, oldPod: JsonObject | undefined): Buffer {
  const update = { operation: 'UPDATE', subResource: 'ephemeralcontainers', oldObject: oldPod };
  const request = {
    uid: '1',
    namespace: 'shop',
    resource: { group: '', version: 'v1', resource: 'pods' },
    object: pod,
    ...(oldPod ? update : { operation: 'CREATE' }),
  };
  const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  return Buffer.from(JSON.stringify(body));
}
