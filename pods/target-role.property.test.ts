import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PodIdentity } from '../identity/pod-identity.ts';
import { AGENT_TOKEN, INJECTED_CONTAINER } from '../lib/contract/podrole.ts';
import { ENV } from '../lib/contract/sdk.ts';
import { asArray, asObject, type JsonObject, objectsOf } from '../lib/json/json.ts';
import { identities, sidecarIdentities } from '../testing/arbitrary/identities.ts';
import { podOf } from '../testing/arbitrary/pods.ts';
import { mutateEphemeralContainers } from './ephemeral-containers.ts';
import { mutatePod } from './mutate-pod.ts';
import { nameOf, soleTokenOf } from './pod-parts.ts';

const RUNS = { numRuns: 3_000 };

const variables = (container: JsonObject) => objectsOf(container['env']);
const containersOf = (pod: JsonObject, lists: readonly string[]) =>
  lists.flatMap((list) => objectsOf(asObject(pod['spec'])?.[list]));
const ALL = ['initContainers', 'containers', 'ephemeralContainers'];

const byAgent = sidecarIdentities.map((identity) => ({
  ...identity,
  sidecar: { ...identity.sidecar, mode: 'agent' as const },
}));

/** True if the container got this variable, and did not have it. */
function got(before: JsonObject | undefined, after: JsonObject, name: string): boolean {
  const has = (one: JsonObject) => variables(one).some((variable) => variable['name'] === name);
  return has(after) && !(before && has(before));
}

function targetOf(identity: PodIdentity): string | undefined {
  return identity.kind === 'web-identity' ? identity.role?.target?.roleArn : undefined;
}

/** Checks what each container got that has no role of its own. */
function forEachCommon(
  before: JsonObject,
  after: JsonObject,
  identity: PodIdentity,
  check: (before: JsonObject | undefined, after: JsonObject) => void,
): void {
  const own = identity.kind === 'web-identity' ? identity.containerRoles : [];
  for (const container of containersOf(after, ALL)) {
    const name = nameOf(container);
    if (name === INJECTED_CONTAINER.sidecar || own.some((role) => role.container === name)) continue;
    check(
      containersOf(before, ALL).find((one) => nameOf(one) === name),
      container,
    );
  }
}

test('no SDK gets a token whose role only assumes the target, nor an address that hands out that role', () => {
  let [served, refused] = [0, 0];
  fc.assert(
    fc.property(
      podOf(false),
      fc.oneof(identities, sidecarIdentities),
      fc.boolean(),
      (pod, identity, isEphemeral) => {
        const target = targetOf(identity);
        if (target === undefined) return;
        const { containers, ...spec } = asObject(pod['spec']) ?? {};
        const given = isEphemeral ? { ...pod, spec: { ...spec, ephemeralContainers: containers } } : pod;
        const { pod: mutated, warnings } = isEphemeral
          ? mutateEphemeralContainers(given, undefined, identity)
          : mutatePod(given, identity);
        let count = 0;
        forEachCommon(given, mutated, identity, (before, after) => {
          assert.ok(!got(before, after, ENV.webIdentityTokenFile));
          const leads = [ENV.containerCredentialsFullUri, ENV.containerCredentialsRelativeUri, ENV.tokenFile];
          if (!leads.some((name) => got(before, after, name))) return;
          const variable = variables(after).find(({ name }) => name === ENV.targetRoleArn);
          assert.equal(variable?.['value'], target);
          count++;
        });
        if (count > 0) served++;
        else if (warnings.some((warning) => / no role|no AWS identity/.test(warning))) refused++;
      },
    ),
    RUNS,
  );
  assert.ok(served > 30 && refused > 30, `${served} served, ${refused} refused`);
});

test('what is served by the agent has no container, and shows the agent only its own token', () => {
  let seen = 0;
  fc.assert(
    fc.property(podOf(false), byAgent, (pod, identity) => {
      const mutated = mutatePod(pod, identity).pod;
      assert.equal(containersOf(mutated, ALL).length, containersOf(pod, ALL).length);
      const volumes = objectsOf(asObject(mutated['spec'])?.['volumes']);
      for (const after of containersOf(mutated, ALL)) {
        const name = nameOf(after) ?? '';
        const before = containersOf(pod, ALL).find((one) => nameOf(one) === name);
        if (!got(before, after, ENV.tokenFile)) continue;
        assert.ok(!got(before, after, ENV.webIdentityTokenFile));
        assert.equal(asObject(mutated['spec'])?.['hostNetwork'] === true, false);
        const mount = objectsOf(after['volumeMounts']).find(
          (one) => one['mountPath'] === AGENT_TOKEN.mountPath && !wasMounted(before, one),
        );
        if (!mount) continue;
        const volume = volumes.find((one) => one['name'] === mount['name']);
        if (asArray(asObject(pod['spec'])?.['volumes'])?.includes(volume)) continue;
        const isOwn =
          identity.kind === 'web-identity' &&
          identity.containerRoles.some(({ container }) => container === name);
        const audience = isOwn ? `${AGENT_TOKEN.audience}/${name}` : AGENT_TOKEN.audience;
        assert.equal(soleTokenOf(volume)?.['audience'], audience);
        seen++;
      }
    }),
    RUNS,
  );
  assert.ok(seen > 30, `${seen} containers`);
});

function wasMounted(before: JsonObject | undefined, mount: JsonObject): boolean {
  return objectsOf(before?.['volumeMounts']).includes(mount);
}
