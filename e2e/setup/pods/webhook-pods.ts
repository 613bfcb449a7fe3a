import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { WEBHOOK_SELECTOR } from '../../../lib/contract/podrole.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import type { AdminClient } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { NAMESPACE } from '../install/install-podrole.ts';
import { podsIn } from './pods.ts';
import type { RunningPod } from './running-pods.ts';

const METRICS_PORT = 9999;
/** Time unit of /proc/<pid>/stat, on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;
const MIB = 2 ** 20;

export interface WebhookPod extends RunningPod {
  readonly metadata: RunningPod['metadata'] & { readonly deletionTimestamp?: string };
  readonly spec: RunningPod['spec'] & { readonly nodeName?: string };
}

/** Returns the webhook's pods that are not terminating. */
export async function webhookPods(api: Pick<AdminClient, 'request'>): Promise<readonly WebhookPod[]> {
  const list = `${podsIn(NAMESPACE)}?labelSelector=${encodeURIComponent(WEBHOOK_SELECTOR)}`;
  const { items } = (await expectSuccess(api, 'GET', list)).body as { items: WebhookPod[] };
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/**
 * Returns the process id of a pod's webhook for this process: the namespaces of a node are inside those of
 * the test.
 */
function processOf({ metadata }: WebhookPod): number {
  const pid = findProcess(metadata.uid);
  if (pid === undefined) throw new Error(`pod ${metadata.name} runs no webhook`);
  return pid;
}

/** Kills the process as the kernel does when memory is exhausted; resolves when it has ended. */
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
        // It has already ended.
        return false;
      }
    });
}

/** Resource use of a webhook, from the kernel. */
export interface Usage {
  /** Memory that kubelet compares with the pod's limit, without file pages that can be dropped. */
  readonly workingSetMiB: number;
  /** Memory that no other process shares at this moment, including pages of Node's binary. */
  readonly privateMiB: number;
  /** Its memory without file pages. */
  readonly anonymousMiB: number;
  /** Its peak resident memory, including shared pages. */
  readonly peakResidentMiB: number;
  /** CPU time of all threads since its start. */
  readonly cpuSeconds: number;
}

export function usageOf(pod: WebhookPod): Usage {
  const pid = processOf(pod);
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  const kib = (name: string, field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(read(name))?.[1]);
  // The name in parentheses may contain spaces; utime and stime are fields 14 and 15 of proc(5).
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

/** Returns a Prometheus counter, summed over its labels and over all of the webhook's pods. */
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
