import { createServer } from 'node:http';
import { listen } from '../../lib/http/serve.ts';

export interface LeasePeer {
  readonly url: string;
  /** What was asked, as `GET /apis/…`. */
  readonly requests: readonly string[];
  /** The Lease as it is held; undefined: there is none. */
  lease: PeerLease | undefined;
  /** What the next request is answered instead; `silence`: nothing at all. */
  trouble: { readonly status: number; readonly message: string } | 'silence' | undefined;
  readonly stop: () => Promise<void>;
}

export interface PeerLease {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A small API server for one Lease, which refuses a change that was made on an older version. */
export async function startLeasePeer(): Promise<LeasePeer> {
  const requests: string[] = [];
  let version = 100;
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const { trouble } = peer;
    if (trouble === 'silence') return;
    const refuse = (status: number, message: string) => {
      response.statusCode = status;
      response.end(JSON.stringify({ kind: 'Status', code: status, message }));
    };
    if (trouble) return refuse(trouble.status, trouble.message);
    if (request.method !== 'GET') {
      let text = '';
      for await (const chunk of request) text += chunk;
      const sent = JSON.parse(text) as PeerLease;
      const isNew = request.method === 'POST';
      if (isNew && peer.lease) return refuse(409, 'already exists');
      if (!isNew && !peer.lease) return refuse(404, 'not found');
      if (!isNew && sent.metadata['resourceVersion'] !== peer.lease?.metadata['resourceVersion']) {
        return refuse(409, 'the object has been modified');
      }
      version += 1;
      peer.lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(version) } };
      response.statusCode = isNew ? 201 : 200;
    }
    if (!peer.lease) return refuse(404, 'not found');
    response.end(JSON.stringify(peer.lease));
  });
  const peer: LeasePeer = {
    url: `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`,
    requests,
    lease: undefined,
    trouble: undefined,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return peer;
}
