import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../../testing/wait-for.ts';
import type { AdminClient } from '../../cluster/admin-client.ts';
import { environmentOf, podManifest, podsIn, type StoredPod } from './pods.ts';

/** A pod that was not admitted correctly. */
interface Refusal {
  readonly atMs: number;
  readonly message: string;
}

/** Pods that are created one after the other as dry runs: they are admitted and not stored. */
export interface PodStream {
  /** Returns the number of pods admitted with their role so far. */
  readonly count: () => number;
  /** Resolves after this many more. */
  readonly passed: (more: number) => Promise<void>;
  readonly refusals: () => readonly Refusal[];
  /** Returns the failures so far, and forgets them. */
  readonly takeRefusals: () => readonly Refusal[];
  readonly stop: () => Promise<void>;
}

const PAUSE_MS = 50;

export function startPodStream(
  api: Pick<AdminClient, 'request'>,
  namespace: string,
  account: string,
  role: string,
): PodStream {
  let count = 0;
  let refusals: Refusal[] = [];
  let stopped = false;

  async function create(): Promise<void> {
    const manifest = podManifest(namespace, account, { generateName: 'stream-' });
    const { status, body } = await api.request('POST', `${podsIn(namespace)}?dryRun=All`, manifest);
    const atMs = performance.now();
    if (status >= 300) refusals.push({ atMs, message: (body as { message: string }).message });
    else if (environmentOf(body as StoredPod, 'app')['AWS_ROLE_ARN'] === role) count += 1;
    else refusals.push({ atMs, message: 'admitted without its role' });
  }

  const running = (async () => {
    while (!stopped) {
      await create();
      await sleep(PAUSE_MS);
    }
  })();
  return {
    count: () => count,
    passed: async (more) => {
      const wanted = count + more;
      const isReached = () => {
        if (count >= wanted) return true;
        throw new Error(refusals.at(-1)?.message ?? `${count} of ${wanted}`);
      };
      await waitFor(isReached, `${more} more pods`);
    },
    refusals: () => refusals,
    takeRefusals: () => {
      const taken = refusals;
      refusals = [];
      return taken;
    },
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}
