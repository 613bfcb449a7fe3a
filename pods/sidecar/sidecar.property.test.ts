import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { INJECTED_CONTAINER } from '../../lib/contract/podrole.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { sidecarIdentities } from '../../testing/arbitrary/identities.ts';
import { podOf } from '../../testing/arbitrary/pods.ts';
import { mutatePod } from '../mutate-pod.ts';
import { nameOf, runsOnWindows } from '../pod-parts.ts';

const { sidecar: SIDECAR, redirect: REDIRECT } = INJECTED_CONTAINER;
const ADDED: readonly unknown[] = [SIDECAR, REDIRECT];

/** Runs a check on pods of all kinds, with what was asked for and what came of it. */
function forEach(
  check: (before: Containers, after: Containers, mode: string | undefined) => void,
  pods = podOf(false),
): void {
  fc.assert(
    fc.property(pods, sidecarIdentities, (pod, identity) => {
      const { pod: mutated } = mutatePod(pod, identity);
      check(containersOf(pod), containersOf(mutated), identity.sidecar.mode);
    }),
    { numRuns: 2_000 },
  );
}

interface Containers {
  readonly spec: JsonObject;
  readonly init: readonly JsonObject[];
  readonly all: readonly JsonObject[];
}

function containersOf(pod: JsonObject): Containers {
  const spec = asObject(pod['spec']) ?? {};
  const of = (list: string) => (asArray(spec[list]) ?? []).map((item) => asObject(item) ?? {});
  return { spec, init: of('initContainers'), all: [...of('initContainers'), ...of('containers')] };
}

test('the redirect comes first, then the native sidecar, then the init containers of the user', () => {
  let seen = 0;
  forEach((_, { init }) => {
    const names = init.map(nameOf);
    const added = names.filter((name) => ADDED.includes(name));
    assert.deepEqual(
      added,
      [REDIRECT, SIDECAR].filter((name) => added.includes(name)),
    );
    assert.deepEqual(names.slice(0, added.length), added);
    if (added.length === 2 && names.length > 2) seen++;
  });
  assert.ok(seen > 10, `${seen} pods had both before others`);
});

test('no sidecar is added on the network of the node, and no credentials URI without one', () => {
  let seen = 0;
  forEach(({ spec, all: before }, { all }, mode) => {
    const has = (name: string) => all.some((container) => container['name'] === name);
    if (spec['hostNetwork'] === true) assert.ok(!has(SIDECAR) && !has(REDIRECT));
    if (has(REDIRECT)) assert.ok(has(SIDECAR) && mode === 'metadata');
    const pointsHere = (container: JsonObject) =>
      variableOf(container, ENV.containerCredentialsFullUri)?.startsWith('http://127.0.0.1:');
    assert.ok(!before.some(pointsHere));
    if (all.some(pointsHere)) assert.ok(has(SIDECAR));
    if (has(SIDECAR)) seen++;
  });
  assert.ok(seen > 50, `${seen} pods had a sidecar`);
});

test('a user other than root that all containers share stays the only one, as kubelet requires', () => {
  let seen = 0;
  forEach((before, after, mode) => {
    if (mode !== 'credentials' || runsOnWindows(before.spec)) return;
    assert.deepEqual(usersOf(after), usersOf(before));
    if (after.all.length > before.all.length) seen++;
  }, podOf(false).map(withOneUser));
  assert.ok(seen > 10, `${seen} pods had one user and a sidecar`);
});

test('added containers are confined: the sidecar has no capability, the redirect has one', () => {
  forEach((_, { all }) => {
    for (const container of all) {
      const context = asObject(container['securityContext']) ?? {};
      const capabilities = asObject(context['capabilities']);
      if (!ADDED.includes(container['name']) || context['windowsOptions'] !== undefined) continue;
      const isSidecar = container['name'] === SIDECAR;
      assert.deepEqual(capabilities?.['drop'], ['ALL']);
      assert.deepEqual(capabilities?.['add'], isSidecar ? undefined : ['NET_ADMIN']);
      assert.equal(context['runAsUser'] === 0, !isSidecar);
      assert.equal(context['runAsNonRoot'], isSidecar);
      assert.equal(context['allowPrivilegeEscalation'], false);
    }
  });
});

function withOneUser(pod: JsonObject): JsonObject {
  const { spec } = containersOf(pod);
  const without = (list: unknown) =>
    asArray(list)?.map((item) => ({ ...asObject(item), securityContext: undefined }));
  const [initContainers, containers] = [without(spec['initContainers']), without(spec['containers'])];
  return { ...pod, spec: { ...spec, initContainers, containers, securityContext: { runAsUser: 1_000 } } };
}

/**
 * The different users of a pod's containers; undefined among them where one has none that the API server
 * knows.
 */
function usersOf({ spec, all }: Containers): readonly unknown[] {
  const userOf = (one: JsonObject) => asObject(one['securityContext'])?.['runAsUser'];
  return [...new Set(all.map((container) => userOf(container) ?? userOf(spec)))];
}

function variableOf(container: JsonObject, name: string): string | undefined {
  const env = (asArray(container['env']) ?? []).map((item) => asObject(item) ?? {});
  const value = env.find((variable) => variable['name'] === name)?.['value'];
  return typeof value === 'string' ? value : undefined;
}
