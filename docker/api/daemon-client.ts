import { Agent, type IncomingMessage, request } from 'node:http';
import { codeOf, messageOf, PodroleError } from '../../lib/errors.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import { readBounded } from '../../lib/read-bounded.ts';
import { printable } from '../../lib/text/printable.ts';
import { type ApiVersion, apiVersionOf, pathPrefixOf } from './api-version.ts';

/** JSON of an answer, not checked yet. */
export interface Answer {
  readonly path: string;
  readonly body: unknown;
}

/** HTTP over the Unix socket of the daemon. */
export interface DaemonClient {
  /**
   * Reads a path of the API, without version. Returns undefined for 404.
   * @throws PodroleError `DOCKER_UNREACHABLE`, `DOCKER_REFUSED`
   */
  get(path: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<Answer | undefined>;
  /**
   * Begins to read an answer that has no end.
   * @throws PodroleError `DOCKER_UNREACHABLE`, `DOCKER_REFUSED`
   */
  stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Reads the body of an answer.
   * @throws PodroleError `DOCKER_REFUSED` if the reader throws: the answer is not what a daemon says
   */
  check<T>(answer: Answer, read: (body: unknown) => T): T;
  /** Returns which API the daemon speaks. Asked once, and again after the daemon was away. */
  version(): Promise<ApiVersion>;
  /**
   * Asks the daemon whether it is there.
   * @throws PodroleError `DOCKER_UNREACHABLE`, `DOCKER_REFUSED`
   */
  ping(): Promise<ApiVersion>;
  close(): void;
}

export interface DaemonClientOptions {
  readonly socketPath: string;
  /** Longest time for an answer. */
  readonly timeoutMs?: number;
}

/** An answer takes some milliseconds. One about a container waits while this container starts. */
const TIMEOUT_MS = 2_000;
/** 1,000 containers with long labels. */
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_ERROR_BYTES = 16 * 1024;
/** Questions about containers that start may hang. The others need sockets beside them. */
const MOST_SOCKETS = 128;

/** Creates a client. It connects when it is asked. */
export function createDaemonClient(options: DaemonClientOptions): DaemonClient {
  const { socketPath, timeoutMs = TIMEOUT_MS } = options;
  const object = `Docker daemon unix://${socketPath}`;
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_SOCKETS, maxFreeSockets: 4 });
  let known: Promise<ApiVersion> | undefined;

  async function begin(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    try {
      return await beginTwice({ socketPath, path, agent, signal });
    } catch (thrown) {
      known = undefined;
      throw unreachable(object, thrown);
    }
  }

  async function readAll(answer: IncomingMessage, mostBytes: number): Promise<Buffer | undefined> {
    try {
      return await readBounded(answer, mostBytes);
    } catch (thrown) {
      known = undefined;
      throw unreachable(object, thrown);
    }
  }

  async function refuse(path: string, answer: IncomingMessage): Promise<never> {
    const bytes = await readAll(answer, MOST_ERROR_BYTES);
    // Another version of the daemon may have taken its place.
    known = undefined;
    throw refused(object, `answered ${answer.statusCode} to ${path}: ${errorText(bytes)}`);
  }

  function version(): Promise<ApiVersion> {
    const asked = known ?? ping();
    known = asked;
    asked.catch(() => {
      if (known === asked) known = undefined;
    });
    return asked;
  }

  async function ping(): Promise<ApiVersion> {
    const answer = await begin('/_ping', AbortSignal.timeout(timeoutMs));
    if (answer.statusCode !== 200) return refuse('/_ping', answer);
    await readAll(answer, MOST_ERROR_BYTES);
    const spoken = apiVersionOf(answer.headers);
    if (!spoken) throw refused(object, 'does not say which API it speaks');
    return spoken;
  }

  return {
    get: async (path, { signal = NEVER_ABORTED } = {}) => {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const answer = await begin(pathPrefixOf(await version(), path) + path, inTime);
      if (answer.statusCode === 404) {
        await readAll(answer, MOST_ERROR_BYTES);
        return undefined;
      }
      if (answer.statusCode !== 200) return refuse(path, answer);
      const bytes = await readAll(answer, MOST_BYTES);
      if (!bytes) throw refused(object, `sent more than ${MOST_BYTES} bytes for ${path}`);
      return { path, body: parsed(object, path, bytes) };
    },
    stream: async (path, signal) => {
      const prefix = pathPrefixOf(await version(), path);
      const untilBegun = new AbortController();
      const late = setTimeout(() => untilBegun.abort(new Error('the daemon does not answer')), timeoutMs);
      try {
        const answer = await begin(prefix + path, AbortSignal.any([signal, untilBegun.signal]));
        if (answer.statusCode !== 200) return await refuse(path, answer);
        return answer;
      } finally {
        clearTimeout(late);
      }
    },
    check: ({ path, body }, read) => {
      try {
        return read(body);
      } catch (thrown) {
        throw refused(
          object,
          `sent an answer to ${path} that is not understood: ${messageOf(thrown)}`,
          thrown,
        );
      }
    },
    version,
    ping,
    close: () => agent.destroy(),
  };
}

interface Begin {
  readonly socketPath: string;
  readonly path: string;
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

/**
 * Begins a request. A daemon that restarts closes idle connections: a request on one of them is sent again.
 */
async function beginTwice(options: Begin): Promise<IncomingMessage> {
  try {
    return await beginOnce(options);
  } catch (thrown) {
    if (thrown instanceof StaleSocketError) return beginOnce(options);
    throw thrown;
  }
}

/** Failure on a connection that was kept from an earlier request. */
class StaleSocketError extends Error {
  override readonly name = 'StaleSocketError';
}

function beginOnce({ socketPath, path, agent, signal }: Begin): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, agent, signal, headers: { host: 'docker' } });
    sent.once('response', resolve);
    // Not once: a connection can break off after its answer has begun.
    sent.on('error', (thrown) => {
      const isStale = sent.reusedSocket && codeOf(thrown) === 'ECONNRESET' && !signal.aborted;
      reject(isStale ? new StaleSocketError(thrown.message, { cause: thrown }) : reasonOf(thrown, signal));
    });
    sent.end();
  });
}

function reasonOf(thrown: Error, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : thrown;
}

function parsed(object: string, path: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw refused(object, `sent an answer to ${path} that is not JSON`);
  }
}

/** The daemon explains an error as `{"message": "..."}`. */
function errorText(bytes: Buffer | undefined): string {
  const text = bytes?.toString() ?? '';
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body && 'message' in body) return shown(String(body.message));
  } catch {
    // A proxy before the daemon answers with something else.
  }
  return shown(text.trim()) || 'without a reason';
}

function shown(text: string): string {
  return printable(text.slice(0, MOST_SHOWN));
}

const MOST_SHOWN = 300;

function refused(object: string, problem: string, cause?: unknown): PodroleError {
  const remedy = 'check that this is the socket of Docker 20.10 or later, or of podman system service';
  return new PodroleError({ code: 'DOCKER_REFUSED', object, problem, remedy }, { cause });
}

function unreachable(object: string, thrown: unknown): PodroleError {
  return new PodroleError(
    {
      code: 'DOCKER_UNREACHABLE',
      object,
      problem: `does not answer: ${isTimeout(thrown) ? 'it takes too long' : messageOf(thrown)}`,
      remedy: REMEDIES[codeOf(thrown) ?? ''] ?? 'check that the daemon runs',
    },
    { cause: thrown },
  );
}

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'run podrole as root, or as a user of the group of the socket',
  ENOENT: 'start the daemon, or name its socket with --docker-host',
};

function isTimeout(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'TimeoutError';
}
