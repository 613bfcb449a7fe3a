import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from '../../../testing/wait-for.ts';
import type { AdminClient } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { NAMESPACE } from '../install/install-podrole.ts';
import { podsIn } from './pods.ts';
import type { RunningPod } from './running-pods.ts';

const SELECTOR = 'app.kubernetes.io/name=podrole,app.kubernetes.io/component=webhook';
const METRICS_PORT = 9999;
/** The unit of /proc/<pid>/stat, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const MIB = 2 ** 20;

export interface WebhookPod extends RunningPod {
  readonly metadata: RunningPod['metadata'] & { readonly deletionTimestamp?: string };
  readonly spec: RunningPod['spec'] & { readonly nodeName?: string };
}

/** The webhook's pods that are not about to end. */
export async function webhookPods(api: Pick<AdminClient, 'request'>): Promise<readonly WebhookPod[]> {
  const list = `${podsIn(NAMESPACE)}?labelSelector=${encodeURIComponent(SELECTOR)}`;
  const { items } = (await expectSuccess(api, 'GET', list)).body as { items: WebhookPod[] };
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** Process id of a pod's webhook, as this process sees it: a node's namespaces are below those of the test. */
function processOf({ metadata }: WebhookPod): number {
  const pid = findProcess(metadata.uid);
  if (pid === undefined) throw new Error(`pod ${metadata.name} runs no webhook`);
  return pid;
}

/** Ends the process as the kernel does when memory is short; resolves when it is gone. */
export async function killWebhook(pod: WebhookPod): Promise<void> {
  const pid = processOf(pod);
  process.kill(pid, 'SIGKILL');
  await waitFor(() => findProcess(pod.metadata.uid) !== pid, `end of the webhook in ${pod.metadata.name}`);
}

function findProcess(podUid: string): number | undefined {
  return readdirSync('/proc')
    .map(Number)
    .find((pid) => {
      if (!pid) return false;
      try {
        const inPod = readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(podUid);
        return inPod && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('webhook');
      } catch {
        // It has ended meanwhile.
        return false;
      }
    });
}

/** What a webhook has used, by the kernel's own count. */
export interface Usage {
  /** What kubelet compares with the pod's limit: without file pages that can be dropped. */
  readonly workingSetMiB: number;
  /** What no other process shares with it at this moment, pages of Node's own file with it. */
  readonly privateMiB: number;
  /** Of its memory, what is no file's. */
  readonly anonymousMiB: number;
  /** The most that it had resident at any time, shared pages with it. */
  readonly peakResidentMiB: number;
  /** Since its start, of all threads. */
  readonly cpuSeconds: number;
}

export function usageOf(pod: WebhookPod): Usage {
  const pid = processOf(pod);
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  const kib = (name: string, field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(read(name))?.[1]);
  // The name in parentheses may hold blanks; utime and stime are fields 14 and 15 of proc(5).
  const fields = read('stat')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  const rounded = (value: number) => Math.round(value * 10) / 10;
  return {
    workingSetMiB: rounded(workingSet(read('cgroup')) / MIB),
    privateMiB: rounded((kib('smaps_rollup', 'Private_Clean') + kib('smaps_rollup', 'Private_Dirty')) / 1024),
    anonymousMiB: rounded(kib('smaps_rollup', 'Anonymous') / 1024),
    peakResidentMiB: rounded(kib('status', 'VmHWM') / 1024),
    cpuSeconds: ((fields[11] ?? 0) + (fields[12] ?? 0)) / TICKS_PER_SECOND,
  };
}

/** @param cgroups content of /proc/<pid>/cgroup */
function workingSet(cgroups: string): number {
  const one = /^\d+:memory:(.*)$/m.exec(cgroups)?.[1];
  const folder = one
    ? path.join('/sys/fs/cgroup/memory', one)
    : path.join('/sys/fs/cgroup', unified(cgroups));
  const usage = ['memory.usage_in_bytes', 'memory.current']
    .map((name) => path.join(folder, name))
    .find(existsSync);
  if (usage === undefined) throw new Error(`no memory accounting in ${folder}`);
  const stat = readFileSync(path.join(folder, 'memory.stat'), 'utf8');
  const inactive = /^total_inactive_file (\d+)/m.exec(stat) ?? /^inactive_file (\d+)/m.exec(stat);
  return Number(readFileSync(usage, 'utf8')) - Number(inactive?.[1]);
}

function unified(cgroups: string): string {
  return /^0::(.*)$/m.exec(cgroups)?.[1] ?? '/';
}

/** The sum of a counter over its labels in all of the webhook's pods, as they show it to Prometheus. */
export async function sumOfMetric(
  api: Pick<AdminClient, 'request'>,
  pods: readonly WebhookPod[],
  name: string,
): Promise<number> {
  const sums = pods.map(async ({ metadata }) => {
    const exposition = await expectSuccess(
      api,
      'GET',
      `${podsIn(NAMESPACE)}/${metadata.name}:${METRICS_PORT}/proxy/metrics`,
    );
    const samples = String(exposition.body).matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'));
    return [...samples].reduce((sum, [, value]) => sum + Number(value), 0);
  });
  return (await Promise.all(sums)).reduce((sum, each) => sum + each, 0);
}
