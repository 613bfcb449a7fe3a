import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import fastJsonPatch from 'fast-json-patch';
import { ENV, POD_IDENTITY_LABEL, PODROLE_ANNOTATION } from '../lib/contract.ts';
import { asArray, asObject, type JsonObject } from '../lib/json.ts';
import { mutateEphemeralContainers } from './ephemeral-containers.ts';
import { patchOf } from './json-patch.ts';
import { mutatePod } from './mutate-pod.ts';
import { withdrawIdentity } from './ownership.ts';
import type { PodIdentity, ProjectedToken } from './pod-identity.ts';
import { nameOf } from './pod-parts.ts';

const RUNS = { numRuns: 500 };
const MOUNT_PATHS = ['/token', '/token/', '/data', '/var/run/x'];
const VOLUMES = ['aws-iam-token', 'aws-iam-token-b', 'eks-pod-identity-token', 'data', 'x'];
const CONTAINERS = ['a', 'b', 'c', 'd', 'e', 'f'];

const text = (...values: string[]) => fc.constantFrom(...values);
/** A member that may be absent; where it is there, it is as the second says, or (seldom) anything at all. */
const often = <T>(usual: fc.Arbitrary<T>, hostile: boolean): fc.Arbitrary<unknown> =>
  hostile ? fc.oneof({ arbitrary: usual, weight: 12 }, { arbitrary: fc.jsonValue(), weight: 1 }) : usual;
const listOf = (item: fc.Arbitrary<unknown>, hostile: boolean) =>
  often(fc.array(often(item, hostile), { minLength: 1, maxLength: 4 }), hostile);

const variable = fc.record({
  name: text(...Object.values(ENV), 'PATH', 'HOME'),
  value: text('regional', 'eu-west-1', '/token/token', 'arn:aws:iam::111122223333:role/own', ''),
});
const mount = fc.record(
  { name: text(...VOLUMES), mountPath: text(...MOUNT_PATHS), readOnly: fc.constant(true) },
  { requiredKeys: ['name', 'mountPath'] },
);
const tokenSource = fc.record({ audience: text('sts', 'own'), expirationSeconds: fc.constant(3600) });
const volume = fc.oneof(
  fc.record({ name: text(...VOLUMES), emptyDir: fc.constant({}) }),
  tokenSource.chain((serviceAccountToken) =>
    fc.record({ name: text(...VOLUMES), projected: fc.constant({ sources: [{ serviceAccountToken }] }) }),
  ),
);

function container(name: string, hostile: boolean) {
  const members = {
    name: often(fc.constant(name), hostile),
    env: listOf(variable, hostile),
    volumeMounts: listOf(mount, hostile),
    volumeDevices: fc.constant([{ name: 'disk', devicePath: '/var/run/x' }]),
    newerThanUs: fc.jsonValue(),
  };
  return fc.record(members, { requiredKeys: ['name'] });
}

/** Pods whose names and paths often collide with ours. Those that are not hostile have no two containers of one name. */
function podOf(hostile: boolean): fc.Arbitrary<JsonObject> {
  const containers = (names: readonly string[]) =>
    often(
      fc
        .subarray([...names], { minLength: 1 })
        .chain((chosen) => fc.tuple(...chosen.map((name) => often(container(name, hostile), hostile)))),
      hostile,
    );
  const annotations = often(fc.constant({ team: 'shop' }), hostile);
  const recorded = text('a', 'a,b:region+mount', 'c:session,!aws-iam-token', 'zz:::,!,+').map((value) => ({
    'podrole.dev/injected': value,
  }));
  const metadata = fc.record(
    {
      name: often(text('web-1', 'w'), hostile),
      labels: often(fc.constant({ app: 'web' }), hostile),
      annotations: hostile ? fc.oneof(annotations, recorded) : annotations,
    },
    { requiredKeys: [] },
  );
  const spec = fc.record(
    {
      nodeSelector: often(
        text('windows', 'linux').map((os) => ({ 'kubernetes.io/os': os })),
        hostile,
      ),
      volumes: often(fc.uniqueArray(volume, { minLength: 1, selector: ({ name }) => name }), hostile),
      initContainers: containers(CONTAINERS.slice(0, 3)),
      containers: containers(CONTAINERS.slice(3)),
      newerThanUs: fc.jsonValue(),
    },
    { requiredKeys: ['containers'] },
  );
  return fc
    .record({ metadata: often(metadata, hostile), spec: often(spec, hostile) }, { requiredKeys: ['spec'] })
    .map((pod) => deepFreeze(withMountedVolumes(JSON.parse(JSON.stringify(pod)), hostile)));
}

/** A pod as the API server would take it: what is mounted exists. */
function withMountedVolumes(pod: JsonObject, hostile: boolean): JsonObject {
  const spec = asObject(pod['spec']);
  if (hostile || !spec) return pod;
  const volumes = asArray(spec['volumes']) ?? [];
  const containers = [...(asArray(spec['initContainers']) ?? []), ...(asArray(spec['containers']) ?? [])];
  const mounted = containers.flatMap((item) => (asArray(asObject(item)?.['volumeMounts']) ?? []).map(nameOf));
  const missing = [...new Set(mounted)].filter((name) => !volumes.some((one) => nameOf(one) === name));
  if (missing.length === 0) return pod;
  return {
    ...pod,
    spec: { ...spec, volumes: [...volumes, ...missing.map((name) => ({ name, emptyDir: {} }))] },
  };
}

function token(volumeName: string): fc.Arbitrary<ProjectedToken> {
  return fc.record({
    volumeName: fc.constant(volumeName),
    audience: text('sts', 'other'),
    expirationSeconds: text('600', '3600').map(Number),
    path: fc.constant('token'),
  });
}
const roleArn = text('arn:aws:iam::111122223333:role/one', 'arn:aws:iam::111122223333:role/two');
const grant = fc.record({ roleArn, token: token('aws-iam-token') });
const common = {
  namespace: fc.constant('shop'),
  serviceAccountName: fc.constant('web'),
  mountPath: text('/token', '/var/run/x'),
  region: text('', 'eu-west-1'),
  regionalSts: fc.boolean(),
  skipContainers: fc.subarray(CONTAINERS, { maxLength: 2 }),
  includeContainers: fc.option(fc.subarray(CONTAINERS), { nil: undefined, freq: 4 }),
};
const identities: fc.Arbitrary<PodIdentity> = fc.oneof(
  fc.record({
    ...common,
    kind: fc.constant('web-identity' as const),
    role: fc.option(grant, { nil: undefined, freq: 4 }),
    containerRoles: fc.oneof(
      fc.constant([]),
      fc
        .record({ container: fc.constant('b'), roleArn, token: token('aws-iam-token-b') })
        .map((role) => [role]),
    ),
    sessionName: fc.option(fc.constant('pod' as const), { nil: undefined }),
  }),
  fc.record({
    ...common,
    kind: fc.constant('container-credentials' as const),
    token: token('eks-pod-identity-token'),
    fullUri: fc.constant('http://169.254.170.23/v1/credentials'),
  }),
);
const options = fc.record({ recordOwnership: fc.boolean() });

test('applied twice it changes nothing more, not even an object', () => {
  fc.assert(
    fc.property(fc.oneof(podOf(false), podOf(true)), identities, options, (pod, identity, chosen) => {
      const once = mutatePod(pod, identity, chosen).pod;
      assert.equal(mutatePod(once, identity, chosen).pod, once);
    }),
    RUNS,
  );
});

test('the patch applied to the pod is the mutated pod', () => {
  fc.assert(
    fc.property(fc.oneof(podOf(false), podOf(true)), identities, options, (pod, identity, chosen) => {
      const mutated = mutatePod(pod, identity, chosen).pod;
      const patch = JSON.parse(JSON.stringify(patchOf(pod, mutated)));
      assert.deepEqual(fastJsonPatch.applyPatch(structuredClone(pod), patch).newDocument, mutated);
    }),
    RUNS,
  );
});

test('what the pod has of itself survives, as the same objects and in its order', () => {
  fc.assert(
    fc.property(podOf(false), identities, (pod, identity) => {
      const mutated = mutatePod(pod, identity).pod;
      const [before, after] = [asObject(pod['spec']) ?? {}, asObject(mutated['spec']) ?? {}];
      assertSameExcept(before, after, ['initContainers', 'containers', 'volumes']);
      assertPrefix(before['volumes'], after['volumes']);
      for (const list of ['initContainers', 'containers'] as const) {
        for (const [index, item] of (asArray(before[list]) ?? []).entries()) {
          const [was, is] = [asObject(item) ?? {}, asObject(asArray(after[list])?.[index]) ?? {}];
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
            assert.equal(asArray(asObject(mutated['spec'])?.[list])?.[index], item);
          }
        }
      }
    }),
    RUNS,
  );
});

test('what is recorded and withdrawn leaves the pod as it was', () => {
  fc.assert(
    fc.property(podOf(false), identities, (pod, identity) => {
      const injected = mutatePod(pod, identity, { recordOwnership: true }).pod;
      assert.deepEqual(bare(withdrawIdentity(injected)), bare(pod));
    }),
    RUNS,
  );
});

test('a recorded identity that is replaced by another is as if that one had come first', () => {
  fc.assert(
    fc.property(podOf(false), identities, identities, (pod, first, second) => {
      const recorded = { recordOwnership: true };
      const replaced = mutatePod(mutatePod(pod, first, recorded).pod, second, recorded).pod;
      assert.deepEqual(bare(replaced), bare(mutatePod(pod, second, recorded).pod));
    }),
    RUNS,
  );
});

test('no JSON makes it throw', () => {
  const anything = fc.oneof(podOf(true), fc.dictionary(text('metadata', 'spec'), fc.jsonValue()));
  fc.assert(
    fc.property(anything, anything, identities, options, (pod, oldPod, identity, chosen) => {
      deepFreeze(pod);
      mutatePod(pod, identity, chosen);
      withdrawIdentity(pod);
      const { containers, ...spec } = asObject(pod['spec']) ?? {};
      const debugged = { ...pod, spec: { ...spec, ephemeralContainers: containers } };
      mutateEphemeralContainers(deepFreeze(debugged), oldPod, identity);
    }),
    RUNS,
  );
});

/** Without the label of container credentials, which is not recorded, without a record of nothing, and without empty metadata. */
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

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
