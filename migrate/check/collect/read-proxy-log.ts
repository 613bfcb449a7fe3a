import { type ApiClient, describeAnswer } from '../../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../../kubernetes/command-timeout.ts';
import { type PodLog, readPodLog } from '../../../kubernetes/read/pod-log.ts';
import { messagesOf } from '../../../lib/errors.ts';
import { counted } from '../../../lib/text/counted.ts';
import { redactSecrets } from '../../../lib/text/redact.ts';
import type { OldProxy } from '../../model.ts';
import type { ProxyLog } from '../facts.ts';
import { collectRequests, type RequestCollector, type Window } from '../log/collect-requests.ts';
import type { FindAsker } from '../log/find-asker.ts';
import { silentLevel } from '../log/logged-level.ts';
import { timeOfLine } from '../log/proxy-request.ts';
import type { ProxyPod } from './find-proxies.ts';
import { readProxyMetrics } from './read-proxy-metrics.ts';

export interface LogReading {
  readonly client: Pick<ApiClient, 'stream'>;
  readonly signal: AbortSignal;
  readonly from: OldProxy;
  readonly window: Window;
  readonly findAsker: FindAsker;
  /** Bytes that this log may have. */
  readonly maxBytes: number;
}

/** The last ones are read: with some 250 bytes each, they stay below the limit of bytes. */
const MAX_LINES = 16_000;
/**
 * Most bytes of a line about a request: Go takes headers of 1 MiB, and the path stands in the message too.
 */
const LONGEST_LINE_BYTES = 3 * 1024 * 1024;
/** Enough for a whole first line. */
const FIRST_LINE_BYTES = 16 * 1024;
/** Time that a proxy takes until it logs its first line. */
const START_MS = 60_000;

/** Reads the log of a pod of the proxy. What was not read, or was not noted, becomes its gap. */
export async function readProxyLog(
  proxy: ProxyPod,
  reading: LogReading,
): Promise<{ readonly log: ProxyLog; readonly bytes: number }> {
  const { from, window, findAsker } = reading;
  const collector = collectRequests(from, window, findAsker);
  let bytes = 0;
  const file = await readFile(proxy, reading, (line) => {
    bytes += Buffer.byteLength(line) + 1;
    collector.add(line);
    return bytes;
  });
  const log = logOf(proxy, reading, file, collector.result());
  return { log: log.gap === undefined ? log : await withMetrics(log, log.gap, proxy, reading), bytes };
}

/** Closes a gap if the proxy counts its answers, and has not given any. Counters do not say who asked. */
async function withMetrics(
  log: ProxyLog,
  gap: string,
  proxy: ProxyPod,
  reading: LogReading,
): Promise<ProxyLog> {
  const { startedMs } = proxy;
  const count = startedMs === undefined ? undefined : await readProxyMetrics(proxy, reading);
  if (count === undefined || startedMs === undefined) return log;
  if (count > 0)
    return {
      ...log,
      gap: `${gap}; its metrics count ${counted(count, 'answer')} about roles since it started`,
    };
  const { fromMs } = reading.window;
  return startedMs <= fromMs ? { ...log, fromMs, gap: undefined } : { ...log, fromMs: startedMs, gap };
}

function logOf(
  proxy: ProxyPod,
  { from, window }: LogReading,
  file: ReadFile,
  result: ReturnType<RequestCollector['result']>,
): ProxyLog {
  const { unreadable, withoutAddress, ...found } = result;
  const level = silentLevel(proxy.flags, from);
  const faults = [
    file.failed,
    level === undefined ? undefined : `it leaves out requests, by its flag ${level}`,
    unreadable === 0 ? undefined : `${counted(unreadable, 'line')} about requests cannot be read`,
    withoutAddress === 0
      ? undefined
      : `${counted(withoutAddress, 'request')} without the address of the client: an old version, or IPv6`,
  ].filter((fault) => fault !== undefined);
  const base = { pod: `${proxy.namespace}/${proxy.name}`, node: proxy.node, ...found };
  if (faults.length > 0) return { ...base, fromMs: undefined, gap: faults.join('; ') };
  const { beginMs = window.toMs } = file;
  if (beginMs <= window.fromMs) return { ...base, fromMs: window.fromMs, gap: undefined };
  const gap = `it begins at ${new Date(beginMs).toISOString()}: the log was rotated or is too long, or the proxy restarted`;
  return { ...base, fromMs: beginMs, gap };
}

interface ReadFile {
  /** Begin of the lines that were read; undefined if there is none. */
  readonly beginMs?: number | undefined;
  readonly failed?: string | undefined;
}

async function readFile(
  proxy: ProxyPod,
  { client, signal, window, maxBytes }: LogReading,
  add: (line: string) => number,
): Promise<ReadFile> {
  if (proxy.startedMs === undefined) return { failed: 'the container does not run' };
  if (maxBytes <= 0) return { failed: 'it was not read: the logs of the others are too long together' };
  const { namespace, name: pod, container } = proxy;
  const log = { namespace, pod, container };
  const read = (part: PodLog, onLine: (line: string) => void) =>
    readPodLog(client, part, { silenceMs: CLUSTER_TIMEOUT_MS, signal }, onLine);
  try {
    let first: number | undefined;
    const takeFirst = (line: string) => {
      first ??= timeOfLine(line);
    };
    const refused = await read({ ...log, limitBytes: FIRST_LINE_BYTES }, takeFirst);
    if (refused) return { failed: failureOf(refused, namespace) };
    let [bytes, lines] = [0, 0];
    let firstRead: number | undefined;
    const sinceTime = new Date(window.fromMs).toISOString();
    const tail = { ...log, sinceTime, tailLines: MAX_LINES, limitBytes: maxBytes };
    const broken = await read(tail, (line) => {
      lines += 1;
      firstRead ??= timeOfLine(line);
      bytes = add(line);
    });
    if (broken) return { failed: failureOf(broken, namespace) };
    if (bytes > maxBytes - LONGEST_LINE_BYTES)
      return { failed: `it has more than ${maxBytes} bytes, of which the last are missing` };
    const begin = beginOf(first, proxy.startedMs);
    return { beginMs: lines < MAX_LINES ? begin : firstRead };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { failed: redactSecrets(messagesOf(thrown)) };
  }
}

function failureOf(answer: Parameters<typeof describeAnswer>[0], namespace: string): string {
  const said = describeAnswer(answer);
  if (answer.status !== 403) return said;
  return `you need this right: get on pods/log in the namespace ${namespace} (${said})`;
}

/** Returns the begin of a file: that of the container, unless its first lines were rotated away. */
function beginOf(first: number | undefined, startedMs: number): number | undefined {
  return first !== undefined && first - startedMs <= START_MS ? startedMs : first;
}
