import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { waitFor } from '../../../testing/wait-for.ts';
import type { NodeCluster } from '../../node/node-cluster.ts';
import { expectKubectl } from '../install/install-podrole.ts';
import { APP_IMAGE } from '../install/node-site.ts';

const SECONDS_BETWEEN_CALLS = '0.1';
const CALLS = '/calls';
const START_TIMEOUT_MS = 120_000;

/** Clients of unmodified SDKs: `new` asks for credentials when they end, `old` for each call. */
const CLIENTS = {
  new: { image: APP_IMAGE.sdk, command: 'node /client.mjs' },
  old: { image: APP_IMAGE.boto2, command: '/usr/bin/python3 /client.py' },
} as const;

export interface Caller {
  readonly namespace: string;
  readonly client: keyof typeof CLIENTS;
  /** Value of iam.amazonaws.com/role. */
  readonly role: string;
}

/** All calls of one pod, in order. */
export interface PodCalls {
  readonly pod: string;
  readonly caller: Caller;
  /** Times of the successful calls, in ms since 1970. */
  readonly succeeded: readonly number[];
  /** Errors after the first success. */
  readonly failed: readonly string[];
  /** Errors before the first success. */
  readonly failedAtStart: readonly string[];
}

/** Deployments that list the bucket ten times a second. Their calls outlive their pods, on the node. */
interface SteadyCallers {
  /** Returns the calls so far of all pods, also of those that have ended. */
  calls(): Promise<readonly PodCalls[]>;
  /** Resolves when the pods of each Deployment have made this many further successful calls. */
  waitForCalls(count: number, callers?: readonly Caller[]): Promise<void>;
}

interface CallersOptions {
  readonly callers: readonly Caller[];
  /** Folder for the calls, on this machine and on the node. */
  readonly folder: string;
  /** Variables that lead the SDKs to the servers. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Creates the Deployments, whose ServiceAccounts `web` exist. A pod is ready after its first successful call.
 */
export async function startSteadyCallers(
  cluster: Pick<NodeCluster, 'kubectl'>,
  { callers, folder, env }: CallersOptions,
): Promise<SteadyCallers> {
  await Promise.all(callers.map((caller) => mkdir(folderOf(folder, caller), { recursive: true })));
  const items = callers.map((caller) => deployment(caller, folderOf(folder, caller), env));
  const list = { apiVersion: 'v1', kind: 'List', items };
  await expectKubectl(cluster, ['apply', '-f', '-'], { input: JSON.stringify(list) });
  const callsOf = async (caller: Caller) => {
    const pods = await readdir(folderOf(folder, caller));
    return Promise.all(pods.map((pod) => readCalls(folderOf(folder, caller), pod, caller)));
  };
  const calls = async () => (await Promise.all(callers.map(callsOf))).flat();
  return {
    calls,
    async waitForCalls(count, which = callers) {
      const total = async (caller: Caller) =>
        (await callsOf(caller)).reduce((sum, { succeeded }) => sum + succeeded.length, 0);
      const before = await Promise.all(which.map(total));
      await waitFor(
        async () => {
          const now = await Promise.all(which.map(total));
          return now.every((number, index) => number >= (before[index] ?? 0) + count);
        },
        `${count} calls of each Deployment`,
        START_TIMEOUT_MS,
      );
    },
  };
}

/** Returns the longest time without a successful call of a Deployment, in ms. */
export function longestPauseMs(calls: readonly PodCalls[]): number {
  const times = calls.flatMap(({ succeeded }) => succeeded).sort((one, other) => one - other);
  return Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}

function folderOf(folder: string, { namespace, client }: Caller): string {
  return path.join(folder, `${namespace}-${client}`);
}

async function readCalls(folder: string, pod: string, caller: Caller): Promise<PodCalls> {
  const lines = (await readFile(path.join(folder, pod), 'utf8')).split('\n').slice(0, -1);
  const printed = lines.map((line) => JSON.parse(line) as { at: number; keys?: unknown; error?: string });
  const first = printed.findIndex(({ keys }) => keys !== undefined);
  const atStart = first === -1 ? printed.length : first;
  const errors = (from: number, to?: number) =>
    lines.slice(from, to).filter((_, index) => printed[from + index]?.keys === undefined);
  return {
    pod,
    caller,
    succeeded: printed.filter(({ keys }) => keys !== undefined).map(({ at }) => at),
    failed: errors(atStart),
    failedAtStart: errors(0, atStart),
  };
}

function deployment(
  { namespace, client, role }: Caller,
  folder: string,
  env: Readonly<Record<string, string>>,
): object {
  const { image, command } = CLIENTS[client];
  const file = `${CALLS}/$HOSTNAME`;
  const app = {
    name: 'app',
    image,
    imagePullPolicy: 'Never',
    command: ['sh', '-c', `exec ${command} --every ${SECONDS_BETWEEN_CALLS} >>${file}`],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    readinessProbe: { exec: { command: ['sh', '-c', `grep -q keys ${file}`] }, periodSeconds: 1 },
    volumeMounts: [{ name: 'calls', mountPath: CALLS }],
  };
  const annotations = {
    'iam.amazonaws.com/role': role,
    // boto 2 knows only instance metadata. kube2iam ignores the annotation.
    ...(client === 'old' ? { 'podrole.dev/sidecar': 'metadata' } : {}),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name: client },
    spec: {
      selector: { matchLabels: { app: client } },
      // A pod ends only when its successor has made a successful call.
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: { app: client }, annotations },
        spec: {
          serviceAccountName: 'web',
          terminationGracePeriodSeconds: 1,
          containers: [app],
          volumes: [{ name: 'calls', hostPath: { path: folder, type: 'Directory' } }],
        },
      },
    },
  };
}
