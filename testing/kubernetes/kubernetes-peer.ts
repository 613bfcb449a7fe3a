import { EventEmitter, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { listen } from '../../lib/http/serve.ts';

/** An object as the peer holds it. */
export interface PeerObject {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

export interface PeerAnswer {
  readonly status: number;
  readonly message: string;
}

/**
 * A small API server for one kind of object: list in pages, watch with resume, streaming lists, bookmarks, GET of one object. What
 * an API server does when it is in trouble is told it by the test.
 */
export interface KubernetesPeer {
  readonly url: string;
  /** Requests so far, as paths with query strings. */
  readonly requests: readonly URL[];
  /** How many connections were made to it. */
  readonly connections: () => number;
  /** Resolves once so many requests, of those so far or to come, meet the condition. */
  readonly requested: (holds: (url: URL) => boolean, times?: number) => Promise<URL>;
  /** Makes or changes an object. */
  readonly put: (object: PeerObject) => void;
  readonly remove: (namespace: string, name: string) => void;
  readonly bookmark: () => void;
  /** Sends a line to every open watch as it is. */
  readonly send: (line: object) => void;
  /** Ends every open watch: cleanly, or by breaking its connection. */
  readonly endWatches: (how: 'end' | 'cut') => void;
  /** Forgets its history, so that older versions are answered 410. */
  readonly compact: () => void;
  /** What a request is answered instead; `silence`: nothing at all. */
  trouble: (url: URL) => PeerAnswer | 'silence' | undefined;
  streamingLists: boolean;
  /** Runs before a GET of one object is answered, after it was read. */
  beforeAnswer: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly object: object;
}

const WAIT_MS = 5_000;

export async function startKubernetesPeer(): Promise<KubernetesPeer> {
  const objects = new Map<string, PeerObject & { metadata: { resourceVersion: string } }>();
  const watches = new Set<ServerResponse>();
  const events = new EventEmitter().setMaxListeners(0);
  const requests: URL[] = [];
  let history: Change[] = [];
  let version = 100;
  let oldest = 100;

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://peer');
    requests.push(url);
    events.emit('request');
    const trouble = peer.trouble(url);
    if (trouble === 'silence') return;
    if (trouble) return refuse(response, trouble);
    const parameters = url.searchParams;
    if (parameters.get('watch') === 'true') return watch(response, parameters);
    const [, namespace, name] = /^\/api\/v1\/namespaces\/([^/]+)\/[^/]+\/([^/]+)$/.exec(url.pathname) ?? [];
    if (namespace && name) {
      const found = objects.get(`${namespace} ${name}`);
      await peer.beforeAnswer();
      return found
        ? response.end(JSON.stringify(found))
        : refuse(response, { status: 404, message: 'not found' });
    }
    list(response, parameters);
  });

  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });

  function refuse(response: ServerResponse, { status, message }: PeerAnswer): void {
    response.statusCode = status;
    response.end(JSON.stringify({ kind: 'Status', code: status, message }));
  }

  function list(response: ServerResponse, parameters: URLSearchParams): void {
    const limit = Number(parameters.get('limit') ?? 500);
    const from = Number(parameters.get('continue') ?? 0);
    const rest = [...objects.values()].slice(from);
    const more = rest.length > limit ? { continue: String(from + limit) } : {};
    const metadata = { resourceVersion: String(version), ...more };
    response.end(JSON.stringify({ kind: 'List', metadata, items: rest.slice(0, limit) }));
  }

  function watch(response: ServerResponse, parameters: URLSearchParams): void {
    const from = Number(parameters.get('resourceVersion'));
    if (parameters.get('sendInitialEvents') === 'true') {
      if (!peer.streamingLists) {
        refuse(response, { status: 422, message: 'sendInitialEvents is forbidden' });
        return;
      }
      for (const object of objects.values()) write(response, { type: 'ADDED', object });
      write(response, bookmarkOf({ 'k8s.io/initial-events-end': 'true' }));
    } else if (from < oldest) {
      write(response, {
        type: 'ERROR',
        object: { kind: 'Status', code: 410, message: 'too old resource version' },
      });
      response.end();
      return;
    } else {
      response.flushHeaders();
      for (const change of history) if (change.version > from) write(response, change);
    }
    watches.add(response);
    response.on('close', () => watches.delete(response));
    events.emit('request');
  }

  function bookmarkOf(annotations: Readonly<Record<string, string>> = {}): object {
    return { type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version), annotations } } };
  }

  function write(response: ServerResponse, { type, object }: { type?: string; object?: object }): void {
    response.write(`${JSON.stringify({ type, object })}\n`);
  }

  function record(
    type: Change['type'],
    object: PeerObject,
  ): PeerObject & { metadata: { resourceVersion: string } } {
    version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const change = { type, version, object: stored };
    history.push(change);
    for (const response of watches) write(response, change);
    return stored;
  }

  const peer: KubernetesPeer = {
    url: `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`,
    requests,
    connections: () => connections,
    requested: async (holds, times = 1) => {
      const timeout = AbortSignal.timeout(WAIT_MS);
      for (;;) {
        const found = requests.filter(holds)[times - 1];
        if (found) return found;
        await once(events, 'request', { signal: timeout });
      }
    },
    put: (object) => {
      const key = `${object.metadata.namespace} ${object.metadata.name}`;
      objects.set(key, record(objects.has(key) ? 'MODIFIED' : 'ADDED', object));
    },
    remove: (namespace, name) => {
      const found = objects.get(`${namespace} ${name}`);
      objects.delete(`${namespace} ${name}`);
      if (found) record('DELETED', found);
    },
    bookmark: () => peer.send(bookmarkOf()),
    send: (line) => {
      for (const response of watches) write(response, line);
    },
    endWatches: (how) => {
      for (const response of watches) {
        watches.delete(response);
        if (how === 'end') response.end();
        else response.destroy();
      }
    },
    compact: () => {
      history = [];
      version += 1;
      oldest = version;
    },
    trouble: () => undefined,
    streamingLists: true,
    beforeAnswer: async () => {},
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return peer;
}
