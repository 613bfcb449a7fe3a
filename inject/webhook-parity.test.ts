import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { parse } from 'yaml';
import { NO_CONFIG_MAP_IDENTITIES } from '../identity/config-map.ts';
import { NO_CONTAINER_CREDENTIALS } from '../identity/container-credentials-config.ts';
import { toServiceAccountFacts } from '../identity/service-accounts.ts';
import { identitySettings } from '../identity/settings/identity-settings.ts';
import { memorySource } from '../identity/sources/memory-source.ts';
import { SKIP_POD_LABEL } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { toNamespaceFacts } from '../policy/namespace-facts.ts';
import { policySettings } from '../policy/settings.ts';
import { type AdmissionFacts, review } from '../webhook/admission.ts';
import { injectPod } from './inject-pod.ts';
import { readManifest } from './manifest.ts';
import { findPods } from './pod-templates/find-pods.ts';

/** ServiceAccount shop/web with a role and these annotations. */
function factsWith(annotations: Readonly<Record<string, string>>) {
  const role = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/shop-web' };
  return {
    settings: readSettings(identitySettings, { sidecarImage: 'registry.example/podrole:1' }, {}),
    serviceAccounts: memorySource([
      { namespace: 'shop', name: 'web', annotations: { ...role, ...annotations } },
    ]),
    containerCredentials: NO_CONTAINER_CREDENTIALS,
  };
}

interface Admitted {
  /** The pod as the webhook has the API server store it; `refused` if it refuses it. */
  readonly stored: unknown;
  readonly warnings: readonly string[];
}

async function admitted(
  pod: JsonObject,
  namespace: string,
  facts: Omit<AdmissionFacts, 'containerCredentials' | 'configMap' | 'random'>,
): Promise<Admitted> {
  const request = {
    uid: '1',
    namespace,
    operation: 'CREATE',
    resource: { group: '', version: 'v1', resource: 'pods' },
    object: { ...pod, kind: 'Pod' },
  };
  const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  const answer = await review(Buffer.from(JSON.stringify(body)), {
    ...facts,
    containerCredentials: () => NO_CONTAINER_CREDENTIALS,
    configMap: () => NO_CONFIG_MAP_IDENTITIES,
    random: () => 0,
  });
  const response = asObject(asObject(JSON.parse(answer.body))?.['response']);
  if (response?.['allowed'] === false) return { stored: 'refused', warnings: answer.warnings };
  assert.equal(response?.['allowed'], true);
  const patch = Buffer.from(asText(response['patch']) ?? btoa('[]'), 'base64').toString('utf8');
  const operations: Operation[] = JSON.parse(patch);
  const stored = fastJsonPatch.applyPatch(structuredClone(request.object), operations).newDocument;
  return { stored, warnings: answer.warnings };
}

function withoutRecord(pod: JsonObject): unknown {
  const copy = JSON.parse(JSON.stringify({ ...pod, kind: 'Pod' }));
  delete copy.metadata?.annotations?.[PODROLE_ANNOTATION.injected];
  return copy;
}

/** The webhook makes nothing of an empty mapping; inject puts its record there. */
function withoutEmpty(pod: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(pod));
  for (const member of ['annotations', 'labels']) {
    if (Object.keys(copy.metadata?.[member] ?? {}).length === 0) delete copy.metadata?.[member];
  }
  if (Object.keys(copy.metadata ?? {}).length === 0) delete copy.metadata;
  return copy;
}

for (const [what, annotations] of [
  ['a pod', {}],
  ['a pod with a sidecar for credentials', { [PODROLE_ANNOTATION.sidecar]: 'credentials' }],
  [
    'a pod with another STS and S3, CA certificates and a sidecar',
    {
      [PODROLE_ANNOTATION.sidecar]: 'credentials',
      [PODROLE_ANNOTATION.stsEndpointUrl]: 'https://sts.example.test',
      [PODROLE_ANNOTATION.s3EndpointUrl]: 'https://s3.example.test',
      [PODROLE_ANNOTATION.caBundleConfigMap]: 'corporate-ca',
    },
  ],
  ['a pod with a sidecar for metadata', { [PODROLE_ANNOTATION.sidecar]: 'metadata' }],
] as const) {
  test(`${what} gets the same from inject as from the webhook, and the record besides`, async () => {
    const facts = factsWith(annotations);
    let compared = 0;
    for (const path of globSync('testdata/*/in.{yaml,json}', { cwd: import.meta.dirname })) {
      const manifest = readManifest(readFileSync(`${import.meta.dirname}/${path}`, 'utf8'), path);
      for (const found of manifest.documents.flatMap(({ value }) => findPods(value, { namespace: 'shop' }))) {
        const pod: JsonObject = JSON.parse(JSON.stringify(found.pod));
        const text = JSON.stringify(pod);
        // The webhook is never asked about a pod with the first. The second is not a pod as its user wrote
        // it. For the third the API server fills in serviceAccountName first, and for the last it chooses the
        // name of the pod first.
        const others = [
          SKIP_POD_LABEL,
          PODROLE_ANNOTATION.injected,
          '"serviceAccount":',
          PODROLE_ANNOTATION.sessionName,
        ];
        if (others.some((other) => text.includes(other))) continue;
        const injected = await injectPod({ ...found, pod }, facts);
        const { stored, warnings } = await admitted(pod, found.namespace, facts);
        // Only inject records by name what it added; and the API server accepts no container without one.
        const ofBoth = injected.warnings.filter((warning) => !warning.startsWith('a container has no name'));
        assert.deepEqual(ofBoth, warnings, `${path} ${found.object}`);
        assert.deepEqual(
          withoutEmpty(withoutRecord(injected.pod)),
          withoutEmpty(stored),
          `${path} ${found.object}`,
        );
        if (injected.pod !== pod) compared++;
      }
    }
    assert.ok(compared > 30, `${compared} pods were changed`);
  });
}

test('inject warns of the same as the webhook, for each pod of the fixtures', async () => {
  let compared = 0;
  for (const path of globSync('../webhook/testdata/*.yaml', { cwd: import.meta.dirname })) {
    const text = readFileSync(`${import.meta.dirname}/${path}`, 'utf8');
    // inject knows no ConfigMap. The others change a pod that was injected before, or a running one.
    if (/^(?:configMap|oldPod|containerCredentials):|podrole.dev\/injected|session-name/m.test(text))
      continue;
    const fixture = asObject(parse(text)) ?? assert.fail(path);
    const pod = asObject(fixture['pod']) ?? assert.fail(path);
    const settings = { ...readSettings(identitySettings, {}, {}), ...asObject(fixture['settings']) };
    const account = toServiceAccountFacts(fixture['serviceAccount'], settings.annotationPrefix);
    if (!account || text.includes('serviceAccountName: missing')) continue;
    const facts = {
      settings,
      serviceAccounts: memorySource([account]),
      containerCredentials: NO_CONTAINER_CREDENTIALS,
    };
    const found = { object: 'Pod', namespace: 'shop', pod, path: [] };
    const injected = await injectPod(found, facts);
    const { warnings } = await admitted(pod, 'shop', facts);
    assert.deepEqual(injected.warnings, warnings, path);
    if (warnings.length > 0) compared += 1;
  }
  assert.ok(compared > 40, `${compared} pods were warned of`);
});

test('inject gives, withholds and refuses roles as the webhook does, for each rule and mode', async () => {
  const seen = new Set<string>();
  const role = 'arn:aws:iam::111122223333:role/shop-web';
  const ownRoles = [
    {},
    { 'eks.amazonaws.com/role-arn': role },
    { 'podrole.dev/container-roles': `app=${role},other=${role}-2` },
  ];
  const ofPods = [
    {},
    { 'iam.amazonaws.com/role': 'shop-web', 'iam.amazonaws.com/session-name': 'shop' },
    { 'iam.amazonaws.com/role': `${role}-2`, 'podrole.dev/sidecar': 'credentials' },
    { 'iam.amazonaws.com/role': 'shop web', 'iam.amazonaws.com/external-id': 'x' },
    { 'iam.amazonaws.com/roles': 'shop-web' },
    { 'iam.amazonaws.com/role': '', 'kubernetes.io/config.mirror': 'x' },
  ];
  const rules = [
    {},
    { 'iam.amazonaws.com/permitted': 'shop-web' },
    { 'iam.amazonaws.com/allowed-roles': '["shop-*"]' },
    { 'podrole.dev/allowed-roles': role },
    { 'podrole.dev/allowed-roles': '' },
  ];
  for (const policy of ['audit', 'warn', 'enforce']) {
    const given = {
      policy,
      podRoleAnnotation: 'iam.amazonaws.com/role',
      baseRoleArn: `${role.slice(0, -8)}`,
    };
    const flags = { ...given, sidecarImage: 'registry.example/podrole:1' };
    const settings = readSettings({ ...identitySettings, ...policySettings }, flags, {});
    for (const own of ownRoles) {
      for (const annotations of ofPods) {
        for (const rule of rules) {
          const pod = {
            metadata: { name: 'web', annotations },
            spec: { serviceAccountName: 'web', containers: [{ name: 'app' }, { name: 'other' }] },
          };
          const namespace = toNamespaceFacts({ metadata: { name: 'shop', annotations: rule } });
          const namespaces = { find: async () => namespace };
          const shared = {
            settings,
            serviceAccounts: memorySource([{ namespace: 'shop', name: 'web', annotations: own }]),
          };
          const injected = await injectPod(
            { object: 'Pod', namespace: 'shop', pod, path: [] },
            {
              ...shared,
              containerCredentials: NO_CONTAINER_CREDENTIALS,
              rules: { settings, namespaces, policy: undefined },
            },
          );
          const { stored, warnings } = await admitted(pod, 'shop', {
            ...shared,
            rules: { settings, namespaces, policy: () => undefined },
          });
          const what = JSON.stringify([policy, own, annotations, rule]);
          assert.equal(injected.denied !== undefined, stored === 'refused', what);
          seen.add(injected.denied ? 'refused' : injected.pod === pod ? 'unchanged' : 'changed');
          assert.deepEqual(injected.warnings, warnings, what);
          if (stored === 'refused') continue;
          const again = await admitted(asObject(stored) ?? {}, 'shop', {
            ...shared,
            rules: { settings, namespaces, policy: () => undefined },
          });
          assert.deepEqual(again.stored, stored, `${what}, again`);
          assert.deepEqual(withoutEmpty(withoutRecord(injected.pod)), withoutEmpty(stored), what);
        }
      }
    }
  }
  assert.deepEqual([...seen].sort(), ['changed', 'refused', 'unchanged']);
});
