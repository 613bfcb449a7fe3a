import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { drain, listen } from '../../lib/http/serve.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';

/** An API server in memory for namespaces and ServiceAccounts: GET, POST, merge PATCH with resourceVersion, DELETE; lists are empty. */
export interface MemoryCluster {
  readonly url: string;
  /** By path. */
  readonly objects: Map<string, JsonObject>;
  /** What is written, in order: `PATCH /api/v1/…`. */
  readonly writes: string[];
  /** Status that a request is answered instead; undefined: none. */
  refuse: (method: string, path: string) => number | undefined;
  readonly stop: () => Promise<void>;
}

/** @param issuer of its discovery document */
export async function startMemoryCluster(issuer: string): Promise<MemoryCluster> {
  const objects: MemoryCluster['objects'] = new Map([['/.well-known/openid-configuration', { issuer }]]);
  const writes: string[] = [];
  let version = 100;
  const put = (path: string, object: JsonObject) => {
    version += 1;
    objects.set(path, {
      ...object,
      metadata: { ...asObject(object['metadata']), resourceVersion: String(version) },
    });
    return 200;
  };

  function change(method: string, path: string, body: JsonObject): number {
    const metadata = asObject(body['metadata']);
    const found = objects.get(path);
    if (method === 'POST') {
      const target = `${path}/${asText(metadata?.['name'])}`;
      return objects.has(target) ? 409 : put(target, body) + 1;
    }
    if (!found) return 404;
    const held = asObject(found['metadata'])?.['resourceVersion'];
    const expected = asObject(body['preconditions'])?.['resourceVersion'] ?? metadata?.['resourceVersion'];
    if (expected !== undefined && expected !== held) return 409;
    if (method === 'PATCH') return put(path, mergePatch(found, body));
    objects.delete(path);
    return 200;
  }

  const server = createServer(async (request, response) => {
    const { method = '', url = '/' } = request;
    const path = url.split('?', 1)[0] ?? '';
    const body = asObject(JSON.parse((await text(request)) || '{}')) ?? {};
    let status = cluster.refuse(method, path);
    if (method !== 'GET' && status === undefined) {
      writes.push(`${method} ${path}`);
      status = change(method, path, body);
    }
    const isList = path.endsWith('/pods');
    response.statusCode = status ?? (objects.has(path) || isList ? 200 : 404);
    response.end(
      JSON.stringify(
        objects.get(path) ?? (isList ? { kind: 'List', metadata: {}, items: [] } : { kind: 'Status' }),
      ),
    );
  });
  const port = await listen(server, 0, '127.0.0.1');
  const cluster: MemoryCluster = {
    url: `http://127.0.0.1:${port}`,
    objects,
    writes,
    refuse: () => undefined,
    stop: () => drain(server, 0),
  };
  return cluster;
}

/** RFC 7396. */
function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const object = asObject(value);
    if (value === null) delete merged[key];
    else merged[key] = object ? mergePatch(asObject(merged[key]) ?? {}, object) : value;
  }
  return merged;
}
