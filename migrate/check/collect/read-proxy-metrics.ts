import type { ApiClient } from '../../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../../kubernetes/command-timeout.ts';
import { podsPath } from '../../../kubernetes/core-paths.ts';
import type { OldProxy } from '../../model.ts';
import { countRequests, metricsPort } from '../log/proxy-metrics.ts';
import type { ProxyPod } from './find-proxies.ts';

/** A page of metrics has some thousand lines. */
const MAX_LINES = 50_000;

/**
 * Reads from the metrics of a proxy how many requests for roles it answered since it started. It needs the
 * right get on pods/proxy.
 * @returns undefined if that is not known
 */
export async function readProxyMetrics(
  { namespace, name, flags }: ProxyPod,
  {
    client,
    signal,
    from,
  }: {
    readonly client: Pick<ApiClient, 'stream'>;
    readonly signal: AbortSignal;
    readonly from: OldProxy;
  },
): Promise<number | undefined> {
  const port = metricsPort(flags, from);
  if (port === undefined) return undefined;
  const path = podsPath(namespace, `${name}:${port}`, 'proxy', 'metrics');
  const count = countRequests(from);
  let lines = 0;
  try {
    const refused = await client.stream(path, { silenceMs: CLUSTER_TIMEOUT_MS, signal }, (line) => {
      lines += 1;
      count.add(line.toString('utf8'));
      return lines > MAX_LINES ? 'enough' : undefined;
    });
    return refused || lines > MAX_LINES ? undefined : count.total();
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return undefined;
  }
}
