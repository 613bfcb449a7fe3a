import type { AdminClient } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';

const HISTOGRAM = 'apiserver_admission_webhook_admission_duration_seconds';

/**
 * Calls of podrole's webhooks, counted by the API server: number of calls up to each time limit in seconds.
 */
type LatencyBuckets = ReadonlyMap<number, number>;

/** Reads the API server's histogram, summed over the entries of the webhook configuration. */
export async function admissionLatency(api: Pick<AdminClient, 'request'>): Promise<LatencyBuckets> {
  const exposition = String((await expectSuccess(api, 'GET', '/metrics')).body);
  const buckets = new Map<number, number>();
  for (const [, labels = '', value] of exposition.matchAll(
    new RegExp(`^${HISTOGRAM}_bucket\\{(.*)\\} (\\S+)$`, 'gm'),
  )) {
    if (!/name="(required\.)?pods\.podrole\.dev"/.test(labels)) continue;
    const limit = /le="([^"]+)"/.exec(labels)?.[1];
    const seconds = limit === '+Inf' ? Number.POSITIVE_INFINITY : Number(limit);
    buckets.set(seconds, (buckets.get(seconds) ?? 0) + Number(value));
  }
  return buckets;
}

/**
 * Returns the quantiles of the calls between two readings, interpolated linearly within a bucket, as
 * Prometheus does.
 * @returns a line for t.diagnostic
 */
export function describeLatency(before: LatencyBuckets, after: LatencyBuckets): string {
  const counts = [...after]
    .map(([limit, count]) => ({ limit, count: count - (before.get(limit) ?? 0) }))
    .sort((one, other) => one.limit - other.limit);
  const total = counts.at(-1)?.count ?? 0;
  const quantile = (share: number): string => {
    const index = counts.findIndex(({ count }) => count >= share * total);
    const { limit, count } = counts[index] ?? { limit: Number.NaN, count: 0 };
    const below = counts[index - 1] ?? { limit: 0, count: 0 };
    const part = (share * total - below.count) / (count - below.count);
    const ms = (below.limit + (limit - below.limit) * part) * 1_000;
    return `p${share * 100} ${ms.toFixed(1)} ms (between ${below.limit * 1_000} and ${limit * 1_000})`;
  };
  return `${total} calls as the API server measured them: ${quantile(0.5)}, ${quantile(0.99)}`;
}

/**
 * Returns the number of pods that the API server has admitted without the webhook's answer since its start.
 */
export async function failedOpen(api: Pick<AdminClient, 'request'>): Promise<number> {
  const exposition = String((await expectSuccess(api, 'GET', '/metrics')).body);
  const samples = exposition.matchAll(
    /^apiserver_admission_webhook_fail_open_count\{.*name="pods\.podrole\.dev".*\} (\S+)$/gm,
  );
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0);
}
