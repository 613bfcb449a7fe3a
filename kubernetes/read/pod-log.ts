import type { ApiAnswer, ApiClient, StreamLimits } from '../api-client.ts';
import { podsPath } from '../core-paths.ts';

/** Part of the log of a container. */
export interface PodLog {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Only lines from this time on, in ISO 8601; default: all of them. */
  readonly sinceTime?: string;
  /** Only the last lines. */
  readonly tailLines?: number;
  /** kubelet ends the log after these bytes, and cuts the line at which it does so. */
  readonly limitBytes: number;
}

/**
 * Reads lines of the log of a container, each with the time that the node gave it. kubelet reads only the
 * current file of a log that was rotated, and only that of the container that runs.
 * @param onLine gets whole lines alone
 * @returns undefined at the end; the answer if its status is not 200. It needs the right get on pods/log.
 * @throws PodroleError `INVALID_NAME`, `API_UNREACHABLE`, `API_SILENT`
 */
export function readPodLog(
  client: Pick<ApiClient, 'stream'>,
  { namespace, pod, container, ...part }: PodLog,
  limits: StreamLimits,
  onLine: (line: string) => void,
): Promise<ApiAnswer | undefined> {
  const query = new URLSearchParams({ container, timestamps: 'true' });
  for (const [name, value] of Object.entries(part)) query.set(name, String(value));
  return client.stream(`${podsPath(namespace, pod, 'log')}?${query}`, limits, (line) => {
    onLine(line.toString('utf8'));
    return undefined;
  });
}
