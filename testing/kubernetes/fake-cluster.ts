import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { type FakeApiServer, startFakeApiServer } from './fake-api-server.ts';
import { createStoredObjects, objectsRoute, type StoredObjects } from './stored-objects.ts';
import { type WatchedObjects, watchStoredObjects } from './watched-objects.ts';

/** A fake API server with objects in memory, which can be read, listed, watched and changed. */
export interface FakeCluster
  extends FakeApiServer,
    Pick<StoredObjects, 'objects' | 'writes'>,
    Omit<WatchedObjects, 'route'> {
  /** Creates or changes a namespaced object of the core API; default: a ServiceAccount. */
  readonly put: (object: JsonObject, resource?: string) => void;
  /** Removes such an object. */
  readonly remove: (namespace: string, name: string, resource?: string) => void;
}

/** Path of the discovery document, for `objects`. */
export const DISCOVERY_PATH = '/.well-known/openid-configuration';

/** @param mostPerPage limits a page of a list to fewer objects than the client asks for */
export async function startFakeCluster({ mostPerPage }: { mostPerPage?: number } = {}): Promise<FakeCluster> {
  const stored = createStoredObjects();
  const { route, ...watched } = watchStoredObjects(stored);
  const server = await startFakeApiServer(route, objectsRoute(stored, mostPerPage));
  const pathOf = (namespace: string, name: string, resource = 'serviceaccounts') =>
    `/api/v1/namespaces/${namespace}/${resource}/${name}`;
  // Into the server itself: it reads `trouble` and `beforeAnswer` at each request.
  return Object.assign(server, watched, {
    objects: stored.objects,
    writes: stored.writes,
    put: (object: JsonObject, resource?: string) => {
      const metadata = asObject(object['metadata']);
      const [namespace = '', name = ''] = [asText(metadata?.['namespace']), asText(metadata?.['name'])];
      stored.store(pathOf(namespace, name, resource), object);
    },
    remove: (namespace: string, name: string, resource?: string) =>
      stored.drop(pathOf(namespace, name, resource)),
  });
}
