import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_CONFIG_MAP_IDENTITIES } from '../identity/config-map.ts';
import { NO_CONTAINER_CREDENTIALS } from '../identity/container-credentials-config.ts';
import { toServiceAccountFacts } from '../identity/service-accounts.ts';
import { identitySettings } from '../identity/settings/identity-settings.ts';
import { memorySource } from '../identity/sources/memory-source.ts';
import { ADMISSION_WARNINGS_MAX_TOTAL } from '../lib/contract/kubernetes.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { HOSTILE_ODDITIES } from '../testing/admission/hostile-oddities.ts';
import { HOSTILE_PODS, hostileReview } from '../testing/admission/hostile-pods.ts';
import { podOf } from '../testing/arbitrary/pods.ts';
import { assertLinear, isOwnSource } from '../testing/cost/step-count.ts';
import { type AdmissionFacts, review } from './admission.ts';

const ROLE = 'arn:aws:iam::111122223333:role/web';
/** The library that compares the pods works on what a tenant sends, too. */
const counts = (url: string) => isOwnSource(url) || url.includes('/fast-json-patch/');

function factsOf(annotations: Readonly<Record<string, string>>): AdmissionFacts {
  const metadata = {
    namespace: 'shop',
    name: 'web',
    annotations: { 'eks.amazonaws.com/role-arn': ROLE, ...annotations },
  };
  const account = toServiceAccountFacts({ metadata }, 'eks.amazonaws.com');
  return {
    settings: { ...readSettings(identitySettings, {}, {}), sidecarImage: 'podrole:1' },
    serviceAccounts: memorySource(account ? [account] : []),
    containerCredentials: () => NO_CONTAINER_CREDENTIALS,
    configMap: () => NO_CONFIG_MAP_IDENTITIES,
    random: () => 0,
  };
}

/** So that the largest of the four sizes is still read: a list of container names has a limit. */
const SMALLER: Readonly<Record<string, number>> = {
  'a recorded ownership with foreign volumes and repeated parts': 300,
};

const bodyOf = (sent: JsonObject) => Buffer.from(JSON.stringify(sent));

for (const { name, pod, oldPod, account } of [...HOSTILE_PODS, ...HOSTILE_ODDITIES]) {
  const reviewOf = (size: number) => hostileReview(pod(size), oldPod?.(size));

  test(`linear: ${name}`, async () => {
    await assertLinear(
      (size) => {
        const [body, facts] = [bodyOf(reviewOf(size)), factsOf(account?.(size) ?? {})];
        return async () => assert.equal((await review(body, facts)).status, 200);
      },
      // Eight times as many are still read, so that the steps of a review that is refused do not pass for
      // few.
      { size: SMALLER[name] ?? 600, counts },
    );
  });

  test(`bounded: ${name}`, async () => {
    const [body, facts] = [bodyOf(reviewOf(5_000)), factsOf(account?.(5_000) ?? {})];
    const answer = await review(body, facts);
    assert.equal(answer.status, 200);
    assert.ok(answer.warnings.join('').length <= ADMISSION_WARNINGS_MAX_TOTAL, 'warnings');
    // What a thousand containers get, and what is taken out of a pod whose record says that it is podrole's.
    assert.ok(
      answer.body.length < 1_000_000 + 3 * body.length,
      `an answer of ${answer.body.length} characters`,
    );
    assert.ok(JSON.stringify([answer.subject, answer.warnings]).length < 6_000, 'what is logged');
  });
}

test('no pod takes more steps per byte than a smaller one of its kind', async () => {
  const sidecar = fc.constantFrom('credentials', 'metadata', 'none');
  await fc.assert(
    fc.asyncProperty(podOf(true), sidecar, async (pod, mode) => {
      const facts = factsOf({ [PODROLE_ANNOTATION.sidecar]: mode });
      await assertLinear(
        (size) => {
          const body = bodyOf(hostileReview(grown(pod, size)));
          return () => review(body, facts);
        },
        { size: 50, counts },
      );
    }),
    { numRuns: 50 },
  );
});

/** The pod with each of its lists and annotations repeated, as if somebody had tried to make it expensive. */
function grown(pod: JsonObject, times: number): JsonObject {
  const spec = asObject(pod['spec']) ?? {};
  const metadata = asObject(pod['metadata']) ?? {};
  const annotations = Object.entries(asObject(metadata['annotations']) ?? {}).map(([key, value]) => [
    key,
    typeof value === 'string' ? repeated([value], times).join(',') : value,
  ]);
  return {
    ...pod,
    metadata: { ...metadata, annotations: Object.fromEntries(annotations) },
    spec: {
      ...Object.fromEntries(
        Object.entries(spec).map(([key, value]) => [
          key,
          asArray(value) ? repeated(asArray(value) ?? [], times) : value,
        ]),
      ),
      serviceAccountName: 'web',
    },
  };
}

function repeated(items: readonly unknown[], times: number): unknown[] {
  return Array.from({ length: times }, (_, round) =>
    items.map((item) => {
      const named = asObject(item);
      return typeof named?.['name'] === 'string' && round > 0
        ? { ...named, name: `${named['name']}${round}` }
        : item;
    }),
  ).flat();
}
