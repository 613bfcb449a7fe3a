import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { drain, listen } from '../../lib/http/serve.ts';

export interface ReceivedChange {
  readonly method: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

/** An API server that holds what the test put there: GET of an object or, page by page, of a list. Changes are noted, not made. */
export interface ObjectServer {
  readonly url: string;
  /** By path: an object, or the items of a list. */
  readonly objects: Map<string, object | readonly object[]>;
  /** Paths with query strings that were asked for. */
  readonly reads: string[];
  readonly changes: ReceivedChange[];
  /** Paths that are answered 403. */
  readonly forbidden: Set<string>;
  readonly stop: () => Promise<void>;
}

const PAGE_SIZE = 2;

export async function startObjectServer(): Promise<ObjectServer> {
  const objects: ObjectServer['objects'] = new Map();
  const reads: string[] = [];
  const changes: ReceivedChange[] = [];
  const forbidden = new Set<string>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://objects');
    const found = objects.get(url.pathname);
    const answer = (status: number, body: object) => {
      response.statusCode = status;
      response.end(JSON.stringify(body));
    };
    if (request.method === 'GET') reads.push(request.url ?? '');
    else {
      const { method = '', headers } = request;
      const body: unknown = JSON.parse((await text(request)) || 'null');
      changes.push({ method, path: url.pathname, contentType: headers['content-type'], body });
    }
    if (forbidden.has(url.pathname)) return answer(403, { kind: 'Status', message: 'not for you' });
    if (!found) return answer(404, { kind: 'Status', message: 'not found' });
    if (!Array.isArray(found)) return answer(200, found);
    const from = Number(url.searchParams.get('continue') ?? 0);
    const next = from + PAGE_SIZE < found.length ? { continue: String(from + PAGE_SIZE) } : {};
    answer(200, { kind: 'List', metadata: next, items: found.slice(from, from + PAGE_SIZE) });
  });
  const port = await listen(server, 0, '127.0.0.1');
  const stop = () => drain(server, 0);
  return { url: `http://127.0.0.1:${port}`, objects, reads, changes, forbidden, stop };
}
