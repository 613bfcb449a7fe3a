import { setTimeout as sleep } from 'node:timers/promises';
import type { AdminAnswer, AdminClient } from '../../cluster/admin-client.ts';
import type { ClusterNode } from '../../node/start-node.ts';
import { podManifest, podsIn, readPod, type StoredPod } from '../pods/pods.ts';
import { randomNumbers } from '../random-numbers.ts';
import { askingPodSpec } from './agent-pods.ts';
import { killSandbox } from './asking-pods.ts';
import { type Answers, type Collector, isServed } from './collector.ts';

/** A ServiceAccount and its role; undefined: it has none. */
export interface Account {
  readonly name: string;
  readonly role: string | undefined;
}

export interface ChurnOptions {
  readonly api: Pick<AdminClient, 'request'>;
  readonly node: ClusterNode;
  readonly namespace: string;
  readonly collector: Collector;
  readonly accounts: readonly Account[];
  /** Number of pods at the same time. */
  readonly slots: number;
  readonly lives: number;
  /** Probability that the sandbox of a pod is killed. Default: 0. */
  readonly killedSandboxes?: number;
  /** Seed of the random choices. */
  readonly seed: number;
}

/** One pod from its creation to its end. */
export interface Life {
  readonly uid: string;
  readonly role: string | undefined;
  /** First answer with credentials; undefined if it got none before its end. */
  readonly served: Answers | undefined;
  /** True if its end was not to wait for credentials. */
  readonly isShort: boolean;
  /** True if it ended by itself. */
  readonly hasFinished: boolean;
}

/** Longest wait for the first request of a pod, and for its first credentials. */
const FIRST_REQUEST_MS = 120_000;
const FIRST_CREDENTIALS_MS = 60_000;
/** Kubelet takes so long from the deletion of a pod to its free address. */
const TO_FREE_ADDRESS_MS = 2_600;

/** Kubelet takes so long from the crash of a sandbox to the first container of the next one. */
const TO_NEW_SANDBOX_MS = 4_500;

/** Longest time for which the object of a finished pod stays, with an address that others have by then. */
const LEFT_OVER_MS = 10_000;

/** Starts and ends pods in all slots until the lives are over. @throws when a pod cannot be created */
export async function churn(options: ChurnOptions): Promise<readonly Life[]> {
  const random = randomNumbers(options.seed);
  const lives: Life[] = [];
  const leftOvers: Promise<unknown>[] = [];
  let started = 0;
  const slot = async () => {
    while (started < options.lives) {
      started += 1;
      const name = `pod-${options.seed}-${started}`;
      const life = await live(options, random, name);
      lives.push(life);
      const remove = () => removePod(options, name, random() < 0.2);
      if (life.hasFinished) leftOvers.push(sleep(random() * LEFT_OVER_MS).then(remove));
      else await remove();
      // The next pod of this slot often gets the address at the moment when it is free.
      if (!life.hasFinished) await sleep(random() * TO_FREE_ADDRESS_MS);
    }
  };
  await Promise.all(Array.from({ length: options.slots }, slot));
  await Promise.all(leftOvers);
  return lives;
}

/** @param force removes the object at once, while the container still asks */
async function removePod({ api, namespace }: ChurnOptions, name: string, force: boolean): Promise<void> {
  const query = force ? '?gracePeriodSeconds=0' : '';
  await persist(() => api.request('DELETE', `${podsIn(namespace)}/${name}${query}`));
}

async function live(options: ChurnOptions, random: () => number, name: string): Promise<Life> {
  const { node, collector, accounts, killedSandboxes = 0 } = options;
  const account = accounts[Math.floor(random() * accounts.length)];
  const { role } = account ?? {};
  const finishes = random() < 0.3;
  const isShort = random() < 0.3;
  const lifetimeMs = finishes ? 200 + random() * 2_000 : 0;
  const spec = askingPodSpec({
    role,
    collector: collector.address,
    node: node.name,
    hasInit: random() < 0.3,
    lifetimeMs: Math.round(lifetimeMs),
    ignoresTerm: random() < 0.5,
  });
  const uid = await create(options, account?.name ?? '', { name, spec });
  await collector.waitFor(uid, () => true, FIRST_REQUEST_MS);
  const waitsMs = isShort || finishes ? lifetimeMs : FIRST_CREDENTIALS_MS;
  const served = role === undefined ? undefined : await collector.waitFor(uid, isServed, waitsMs);
  if (!finishes && random() < killedSandboxes) {
    await killSandbox(node, uid);
    await sleep(TO_NEW_SANDBOX_MS);
  }
  await sleep(finishes ? lifetimeMs : random() * 1_000);
  return { uid, role, served, isShort: isShort || finishes, hasFinished: finishes };
}

async function create(
  { api, namespace }: ChurnOptions,
  account: string,
  details: { readonly name: string; readonly spec: Readonly<Record<string, unknown>> },
): Promise<string> {
  const manifest = podManifest(namespace, account, details);
  const { status, body } = await persist(() => api.request('POST', podsIn(namespace), manifest));
  // Created by an earlier attempt whose answer was lost.
  const created = status === 409 ? await readPod(api, namespace, details.name) : (body as StoredPod);
  return created.metadata.uid;
}

const ATTEMPTS = 200;
const PAUSE_MS = 300;

/** Sends a request again until the API server, which may be restarting, answers. @throws when it refuses */
async function persist(request: () => Promise<AdminAnswer>): Promise<AdminAnswer> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const answer = await request().catch(() => undefined);
    // An earlier attempt whose answer was lost may have deleted or created it.
    if (answer && (answer.status < 300 || [404, 409].includes(answer.status))) return answer;
    // An API server that starts does not know all rights yet.
    if (answer && ![429, 403].includes(answer.status) && answer.status < 500) {
      throw new Error(`refused: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    await sleep(PAUSE_MS);
  }
  throw new Error('the API server does not answer');
}
