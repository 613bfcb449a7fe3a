import type { AdminClient } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';

const HISTOGRAM = 'apiserver_admission_webhook_admission_duration_seconds';

/** Calls of podrole's webhooks as the API server has counted them: calls that took at most so many seconds. */
type LatencyBuckets = ReadonlyMap<number, number>;

/** Reads the API server's own histogram, summed over the entries of the registration. */
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
 * The quantiles of the calls between two readings, between the limits of a bucket by straight line, as Prometheus does.
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

/** How many pods the API server let pass without the webhook's answer, since its start. */
export async function failedOpen(api: Pick<AdminClient, 'request'>): Promise<number> {
  const exposition = String((await expectSuccess(api, 'GET', '/metrics')).body);
  const samples = exposition.matchAll(
    /^apiserver_admission_webhook_fail_open_count\{.*name="pods\.podrole\.dev".*\} (\S+)$/gm,
  );
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0);
}
