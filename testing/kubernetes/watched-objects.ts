import type { ServerResponse } from 'node:http';
import { INITIAL_EVENTS_END_ANNOTATION } from '../../lib/contract/kubernetes.ts';
import { type ApiRoute, type ReceivedRequest, statusAnswer, type Trouble } from './fake-api-server.ts';
import type { StoredChange, StoredObjects } from './stored-objects.ts';

/** Watches of stored objects: resume from a version, streaming lists and bookmarks. */
export interface WatchedObjects {
  readonly route: ApiRoute;
  /** Sends a bookmark of the last version to every open watch. */
  readonly bookmark: () => void;
  /** Sends a line to every open watch, unchanged. */
  readonly send: (line: object) => void;
  /** Ends every open watch: cleanly, or by breaking its connection. */
  readonly endWatches: (how: 'end' | 'cut') => void;
  /** Forgets the history: from now on, a watch from an older version gets 410. */
  readonly compact: () => void;
}

/** Every watch gets every change: the path of a watch selects only its initial objects. */
export function watchStoredObjects(stored: StoredObjects): WatchedObjects {
  const watches = new Set<ServerResponse>();
  let history: StoredChange[] = [];
  let oldest = stored.version();

  stored.onChange = (change) => {
    history.push(change);
    for (const response of watches) write(response, change);
  };

  /** Writes what a new watch gets at once; returns false when the watch ends with it. */
  function begin(response: ServerResponse, { pathname, searchParams }: ReceivedRequest): boolean {
    if (searchParams.get('sendInitialEvents') === 'true') {
      for (const object of stored.listed(pathname)) write(response, { type: 'ADDED', object });
      write(response, bookmarkOf(stored, { [INITIAL_EVENTS_END_ANNOTATION]: 'true' }));
      return true;
    }
    const from = Number(searchParams.get('resourceVersion'));
    if (from < oldest) {
      write(response, { type: 'ERROR', object: statusAnswer(410, 'too old resource version').body });
      return false;
    }
    response.flushHeaders();
    for (const change of history) if (change.version > from) write(response, change);
    return true;
  }

  return {
    route: (request, response) => {
      if (request.searchParams.get('watch') !== 'true') return undefined;
      if (begin(response, request)) {
        watches.add(response);
        response.on('close', () => watches.delete(response));
      } else response.end();
      return 'streaming';
    },
    bookmark: () => {
      for (const response of watches) write(response, bookmarkOf(stored));
    },
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
      oldest = stored.nextVersion();
    },
  };
}

/** Trouble of an API server without streaming lists. */
export function refuseStreamingLists({ searchParams }: ReceivedRequest): Trouble | undefined {
  if (!searchParams.has('sendInitialEvents')) return undefined;
  return { status: 422, message: 'sendInitialEvents is forbidden' };
}

function bookmarkOf(stored: StoredObjects, annotations: Readonly<Record<string, string>> = {}): object {
  const metadata = { resourceVersion: String(stored.version()), annotations };
  return { type: 'BOOKMARK', object: { metadata } };
}

function write(response: ServerResponse, { type, object }: { type?: string; object?: unknown }): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}
