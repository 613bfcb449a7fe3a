import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';
import { connect as connectTls } from 'node:tls';

export interface LoadResult {
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Number of answers with a status other than 200. */
  readonly failures: number;
}

/** Request of a measurement. */
export interface SentRequest {
  readonly url: URL;
  /** JSON to POST; undefined: a GET. */
  readonly body?: string;
  /** Headers besides Host, or in place of that of the URL. */
  readonly headers?: Readonly<Record<string, string>>;
}

const NS_PER_MS = 1_000_000;
const END_OF_HEADERS = Buffer.from('\r\n\r\n');

/**
 * Sends the same request over keep-alive connections; each connection sends the next request after a complete
 * answer. Uses bare sockets: an HTTP client in this process would cost more than the measured server.
 */
export async function load(sent: SentRequest, connections: number, durationMs: number): Promise<LoadResult> {
  const { url } = sent;
  const request = Buffer.from(requestText(sent));
  const latencies = createHistogram();
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(url)));
  const startMs = performance.now();
  const failures = await Promise.all(
    sockets.map((socket) => sendUntil(socket, request, startMs + durationMs, latencies)),
  );
  const elapsedSeconds = (performance.now() - startMs) / 1_000;
  return {
    connections,
    requestsPerSecond: latencies.count / elapsedSeconds,
    p50Ms: latencies.percentile(50) / NS_PER_MS,
    p99Ms: latencies.percentile(99) / NS_PER_MS,
    failures: failures.reduce((sum, count) => sum + count, 0),
  };
}

function requestText({ url, body, headers = {} }: SentRequest): string {
  const { host, pathname, search } = url;
  const lines = Object.entries({ Host: host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const target = `${pathname}${search} HTTP/1.1\r\n${lines.join('')}`;
  if (body === undefined) return `GET ${target}\r\n`;
  const length = Buffer.byteLength(body);
  return `POST ${target}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

async function open(url: URL): Promise<Socket> {
  const address = { host: url.hostname, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)) };
  // Certificate checks are not part of the measurement, and the authority of another webhook is unknown.
  const socket =
    url.protocol === 'https:' ? connectTls({ ...address, rejectUnauthorized: false }) : connectTcp(address);
  await once(socket, url.protocol === 'https:' ? 'secureConnect' : 'connect');
  socket.setNoDelay(true);
  return socket;
}

function sendUntil(
  socket: Socket,
  request: Buffer,
  endMs: number,
  latencies: RecordableHistogram,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    let failures = 0;
    let sentNs = process.hrtime.bigint();
    const send = () => {
      sentNs = process.hrtime.bigint();
      socket.write(request);
    };
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const size = answerSize(received);
      if (size === undefined || received.length < size) return;
      latencies.record(process.hrtime.bigint() - sentNs);
      if (!received.subarray(0, 16).includes(' 200')) failures += 1;
      received = received.subarray(size);
      if (performance.now() < endMs) return send();
      socket.removeAllListeners('close');
      socket.destroy();
      resolve(failures);
    });
    send();
  });
}

/**
 * Returns the number of bytes of the answer that begins here, with its headers; undefined until the headers
 * are complete.
 */
function answerSize(received: Buffer): number | undefined {
  const headersEnd = received.indexOf(END_OF_HEADERS);
  if (headersEnd < 0) return undefined;
  const headers = received.toString('latin1', 0, headersEnd);
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(headers) ?? [];
  if (length === undefined) throw new Error('an answer without Content-Length cannot be measured');
  return headersEnd + END_OF_HEADERS.length + Number(length);
}
