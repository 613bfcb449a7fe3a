import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../../../lib/errors.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import type { AdminClient } from '../../cluster/admin-client.ts';
import { createNamespace } from '../../cluster/api-objects.ts';
import { createServiceAccount, environmentOf, podManifest, podsIn, type StoredPod } from './pods.ts';

type Requests = Pick<AdminClient, 'request'>;

/** A namespace whose pods start without a role while the webhook is unavailable. */
export const LENIENT = 'lenient';
/** A namespace whose label makes the API server refuse pods that the webhook has not reviewed. */
export const STRICT = 'strict';
const NAMESPACES = { [LENIENT]: {}, [STRICT]: { 'podrole.dev/required': 'true' } };
/** Role of the ServiceAccount `web` in both namespaces. */
export const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const PAUSE_BETWEEN_PODS_MS = 25;
/** No node has this label, so that the pods are stored and never run: the webhook has both cores. */
const NOWHERE = { 'e2e.podrole.dev/nowhere': 'true' };

/**
 * Results of a namespace's pods, with one attempt each: `refused` because of the webhook, `unanswered` when
 * the API server was unavailable.
 */
type PodCounts = Record<'patched' | 'unpatched' | 'refused' | 'unanswered', number>;

interface SteadyPods {
  readonly counts: Readonly<Record<typeof LENIENT | typeof STRICT, Readonly<PodCounts>>>;
  /** Messages of the API server when it refused a pod. */
  readonly refusals: ReadonlySet<string>;
  /** Stops creating pods; resolves with lines for t.diagnostic. */
  stop(): Promise<string[]>;
}

/** Creates both namespaces, each with a ServiceAccount `web` that has a role. */
export async function prepareNamespaces(api: Requests): Promise<void> {
  for (const [namespace, labels] of Object.entries(NAMESPACES)) {
    await createNamespace(api, namespace, labels);
    await createServiceAccount(api, namespace, 'web', ROLE);
  }
}

/** Creates one pod after the other in both namespaces, until the end of the test at the latest. */
export function createPodsSteadily(api: Requests, t: TestContext): SteadyPods {
  const counts = { [LENIENT]: noPods(), [STRICT]: noPods() };
  const refusals = new Set<string>();
  const ended = new AbortController();
  const lanes = Object.entries(counts).map(async ([namespace, seen]) => {
    while (!ended.signal.aborted) {
      seen[await createOne(api, namespace, refusals)] += 1;
      await sleep(PAUSE_BETWEEN_PODS_MS);
    }
  });
  const end = async () => {
    ended.abort();
    await Promise.all(lanes);
  };
  t.after(end);
  return {
    counts,
    refusals,
    async stop() {
      await end();
      return Object.entries(counts).map(
        ([namespace, seen]) => `pods in ${namespace}: ${JSON.stringify(seen)}`,
      );
    },
  };
}

/** Asserts that pods were created in both namespaces, each at the first attempt and with its role. */
export function expectNoneMissed({ counts, refusals }: SteadyPods): void {
  for (const { patched, unpatched, refused } of Object.values(counts)) {
    assert.deepEqual({ unpatched, refused }, { unpatched: 0, refused: 0 }, [...refusals].join('\n'));
    assert.ok(patched > 0, 'pods were created');
  }
}

/** Resolves once the webhook works in both namespaces. */
export async function waitForPatches(api: Requests): Promise<void> {
  for (const namespace of Object.keys(NAMESPACES)) {
    const isPatched = async () => (await createOne(api, namespace, new Set())) === 'patched';
    await waitFor(isPatched, `a pod with its role in ${namespace}`, 60_000);
  }
}

/** True if the container `app` has the role of its ServiceAccount. */
export function hasRole(pod: StoredPod): boolean {
  return environmentOf(pod, 'app')['AWS_ROLE_ARN'] === ROLE;
}

function noPods(): PodCounts {
  return { patched: 0, unpatched: 0, refused: 0, unanswered: 0 };
}

async function createOne(api: Requests, namespace: string, refusals: Set<string>): Promise<keyof PodCounts> {
  const pod = podManifest(namespace, 'web', { generateName: 'steady-', spec: { nodeSelector: NOWHERE } });
  try {
    const { status, body } = await api.request('POST', podsIn(namespace), pod);
    if (status === 201) return hasRole(body as StoredPod) ? 'patched' : 'unpatched';
    refusals.add((body as { message?: string }).message ?? `status ${status}`);
    return 'refused';
  } catch (thrown) {
    if (!/^(?:ECONN|EPIPE$)/.test(codeOf(thrown) ?? '')) throw thrown;
    return 'unanswered';
  }
}
