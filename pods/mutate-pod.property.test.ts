import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ContainerCredentials } from '../identity/pod-identity.ts';
import { POD_IDENTITY_LABEL } from '../lib/contract/aws-webhook.ts';
import { INJECTED_CONTAINER, PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import { identities } from '../testing/arbitrary/identities.ts';
import { deepFreeze, podOf } from '../testing/arbitrary/pods.ts';
import { mutateEphemeralContainers } from './ephemeral-containers.ts';
import { mutatePod } from './mutate-pod.ts';
import { nameOf } from './pod-parts.ts';

const RUNS = { numRuns: 500 };
const WITH_CA_BUNDLE: ContainerCredentials = {
  kind: 'container-credentials',
  namespace: 'shop',
  serviceAccountName: 'web',
  mountPath: '/token',
  region: '',
  regionalSts: false,
  endpoints: {
    stsEndpointUrl: undefined,
    s3EndpointUrl: undefined,
    caBundle: { configMap: 'kube-root-ca.crt', key: 'ca.crt' },
  },
  skipContainers: [],
  includeContainers: undefined,
  containerLists: [],
  token: { volumeName: 'eks-pod-identity-token', audience: 'sts', expirationSeconds: 600, path: 'token' },
  fullUri: 'http://169.254.170.23/v1/credentials',
};
const ADDED = Object.values(INJECTED_CONTAINER);
const options = fc.record({ recordOwnership: fc.boolean() });

test('applied twice, it changes nothing more, and returns the same object', () => {
  fc.assert(
    fc.property(fc.oneof(podOf(false), podOf(true)), identities, options, (pod, identity, chosen) => {
      const once = mutatePod(pod, identity, chosen).pod;
      assert.equal(mutatePod(once, identity, chosen).pod, once);
    }),
    RUNS,
  );
});

test("a mount with the name of the CA volume at another path is the user's, and stays", () => {
  const own = { name: 'podrole-ca-bundle', mountPath: '/token', readOnly: true };
  const volumeMounts = [
    { name: 'aws-iam-token-b', mountPath: '/token', readOnly: true },
    { name: 'eks-pod-identity-token', mountPath: '/token' },
    own,
  ];
  const pod = {
    metadata: { annotations: { [PODROLE_ANNOTATION.injected]: 'a' } },
    spec: { initContainers: [{ name: 'a', volumeMounts }], containers: [{ name: 'f' }] },
  };
  const once = mutatePod(pod, WITH_CA_BUNDLE).pod;
  const [container] = asArray(asObject(once['spec'])?.['initContainers']) ?? [];
  assert.ok(asArray(asObject(container)?.['volumeMounts'])?.includes(own));
  assert.equal(mutatePod(once, WITH_CA_BUNDLE).pod, once);
});

test('everything that the pod has of its own survives, as the same objects and in its order', () => {
  fc.assert(
    fc.property(podOf(false), identities, (pod, identity) => {
      const mutated = mutatePod(pod, identity).pod;
      const [before, after] = [asObject(pod['spec']) ?? {}, asObject(mutated['spec']) ?? {}];
      assertSameExcept(before, after, ['initContainers', 'containers', 'volumes']);
      assertPrefix(before['volumes'], after['volumes']);
      for (const list of ['initContainers', 'containers'] as const) {
        for (const [index, item] of (asArray(before[list]) ?? []).entries()) {
          const [was, is] = [asObject(item) ?? {}, asObject(ownOf(after, list)[index]) ?? {}];
          assertSameExcept(was, is, ['env', 'volumeMounts']);
          assertPrefix(was['env'], is['env']);
          assertPrefix(was['volumeMounts'], is['volumeMounts']);
        }
      }
    }),
    RUNS,
  );
});

test('a container that is skipped, or not included, is the same object', () => {
  fc.assert(
    fc.property(podOf(false), identities, options, (pod, identity, chosen) => {
      const { skipContainers, includeContainers } = identity;
      const mutated = mutatePod(pod, identity, chosen).pod;
      for (const list of ['initContainers', 'containers']) {
        for (const [index, item] of (asArray(asObject(pod['spec'])?.[list]) ?? []).entries()) {
          const name = String(asObject(item)?.['name']);
          if (skipContainers.includes(name) || includeContainers?.includes(name) === false) {
            assert.equal(ownOf(asObject(mutated['spec']) ?? {}, list)[index], item);
          }
        }
      }
    }),
    RUNS,
  );
});

test('an identity that is recorded and withdrawn leaves the pod as it was', () => {
  fc.assert(
    fc.property(podOf(false), identities, (pod, identity) => {
      const injected = mutatePod(pod, identity, { recordOwnership: true }).pod;
      assert.deepEqual(bare(mutatePod(injected, undefined).pod), bare(pod));
    }),
    RUNS,
  );
});

test('replacing a recorded identity has the same result as injecting the new one first', () => {
  fc.assert(
    fc.property(podOf(false), identities, identities, (pod, first, second) => {
      const recorded = { recordOwnership: true };
      const replaced = mutatePod(mutatePod(pod, first, recorded).pod, second, recorded).pod;
      assert.deepEqual(bare(replaced), bare(mutatePod(pod, second, recorded).pod));
    }),
    RUNS,
  );
});

test('it never throws, whatever the JSON', () => {
  const anything = fc.oneof(podOf(true), fc.dictionary(fc.constantFrom('metadata', 'spec'), fc.jsonValue()));
  fc.assert(
    fc.property(anything, anything, identities, options, (pod, oldPod, identity, chosen) => {
      deepFreeze(pod);
      mutatePod(pod, identity, chosen);
      mutatePod(pod, undefined);
      const { containers, ...spec } = asObject(pod['spec']) ?? {};
      const debugged = { ...pod, spec: { ...spec, ephemeralContainers: containers } };
      mutateEphemeralContainers(deepFreeze(debugged), oldPod, identity);
    }),
    RUNS,
  );
});

/** The containers of the pod's user in a list. */
function ownOf(spec: JsonObject, list: string): readonly unknown[] {
  return (asArray(spec[list]) ?? []).filter((item) => !ADDED.some((name) => name === nameOf(item)));
}

/**
 * Without the label of container credentials, which is not recorded, without a record of nothing, and without
 * empty metadata.
 */
function bare(pod: JsonObject): JsonObject {
  const { metadata, ...rest } = pod;
  const { labels, annotations, ...others } = asObject(metadata) ?? {};
  const { [POD_IDENTITY_LABEL]: _label, ...keptLabels } = asObject(labels) ?? {};
  const { [PODROLE_ANNOTATION.injected]: record, ...keptAnnotations } = asObject(annotations) ?? {};
  return { ...rest, others, keptLabels, keptAnnotations, record: String(record ?? '').replace(/^!.*/, '') };
}

function assertSameExcept(before: JsonObject, after: JsonObject, members: readonly string[]): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!members.includes(key)) assert.equal(after[key], before[key], key);
  }
}

function assertPrefix(before: unknown, after: unknown): void {
  for (const [index, item] of (asArray(before) ?? []).entries()) {
    assert.equal(asArray(after)?.[index], item);
  }
}
