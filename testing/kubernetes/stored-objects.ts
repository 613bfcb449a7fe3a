import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { type ApiRoute, type FakeAnswer, type ReceivedRequest, statusAnswer } from './fake-api-server.ts';

/** A change of the state, as watches report it. */
export interface StoredChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly path: string;
  readonly version: number;
  readonly object: JsonObject;
}

/** Objects of an API server in memory. Every change gets the next resourceVersion. */
export interface StoredObjects {
  /** By path. An object that is set here keeps its own resourceVersion, and no watch sees it. */
  readonly objects: Map<string, JsonObject>;
  /** Changes that reached the objects, also those that were refused: `PATCH /api/v1/...`. */
  readonly writes: string[];
  /** The last resourceVersion. */
  readonly version: () => number;
  /** Takes the next resourceVersion, as a change elsewhere in the cluster does. */
  readonly nextVersion: () => number;
  /** Creates or replaces an object. */
  readonly store: (path: string, object: JsonObject) => JsonObject;
  readonly drop: (path: string) => void;
  /** Carries out a change as an API server does: conflicts, preconditions, and a merge patch. */
  readonly change: (change: ObjectChange) => FakeAnswer;
  /** Objects of a collection, such as `/api/v1/pods` or `/api/v1/namespaces/shop/pods`. */
  readonly listed: (collection: string) => readonly JsonObject[];
  /** Is called after each change. */
  onChange: (change: StoredChange) => void;
}

type ObjectChange = Pick<ReceivedRequest, 'method' | 'pathname' | 'body'>;

const FIRST_VERSION = 100;

export function createStoredObjects(): StoredObjects {
  let version = FIRST_VERSION;
  const nextVersion = () => {
    version += 1;
    return version;
  };

  const stored: StoredObjects = {
    objects: new Map(),
    writes: [],
    version: () => version,
    nextVersion,
    store: (path, given) => {
      const type = stored.objects.has(path) ? 'MODIFIED' : 'ADDED';
      const object = withVersion(given, nextVersion());
      stored.objects.set(path, object);
      stored.onChange({ type, path, version, object });
      return object;
    },
    drop: (path) => {
      const found = stored.objects.get(path);
      if (!stored.objects.delete(path) || !found) return;
      const object = withVersion(found, nextVersion());
      stored.onChange({ type: 'DELETED', path, version, object });
    },
    change: (change) => {
      stored.writes.push(`${change.method} ${change.pathname}`);
      return carryOut(stored, change);
    },
    listed: (collection) => {
      const wanted = parsePath(collection);
      if (!wanted || wanted.name !== undefined) return [];
      return [...stored.objects].filter(([path]) => isIn(wanted, path)).map(([, object]) => object);
    },
    onChange: () => {},
  };
  return stored;
}

/**
 * Serves objects: GET, lists in pages, POST, PUT, merge PATCH, DELETE, and a server-side apply without
 * conflicts. Label selectors are ignored.
 * @param mostPerPage limits a page to fewer objects than the client asks for
 * @param select default: field selectors are ignored too
 */
export function objectsRoute(
  stored: StoredObjects,
  mostPerPage = Number.POSITIVE_INFINITY,
  select: FieldSelection = () => () => true,
): ApiRoute {
  return ({ method, pathname, searchParams, contentType, body }) => {
    if (contentType === 'application/apply-patch+yaml') {
      return applied(stored, pathname, asObject(body) ?? {}, searchParams.has('dryRun'));
    }
    if (method !== 'GET') {
      const isOtherPatch = method === 'PATCH' && contentType !== 'application/merge-patch+json';
      return isOtherPatch
        ? statusAnswer(415, 'not a merge patch')
        : stored.change({ method, pathname, body });
    }
    const found = stored.objects.get(pathname);
    if (found) return { status: 200, body: found };
    const path = parsePath(pathname);
    if (!path || path.name !== undefined) return undefined;
    const listed = stored.listed(pathname).filter(select(searchParams.get('fieldSelector') ?? ''));
    return pageOf(stored, listed, searchParams, mostPerPage);
  };
}

function applied(stored: StoredObjects, path: string, sent: JsonObject, isDryRun: boolean): FakeAnswer {
  const object = mergePatch(stored.objects.get(path) ?? {}, sent);
  if (isDryRun) return { status: 200, body: object };
  stored.writes.push(`PATCH ${path}`);
  return { status: 200, body: stored.store(path, object) };
}

function pageOf(
  stored: StoredObjects,
  listed: readonly JsonObject[],
  searchParams: URLSearchParams,
  mostPerPage: number,
): FakeAnswer {
  const limit = Math.min(Number(searchParams.get('limit') ?? 500), mostPerPage);
  const from = Number(searchParams.get('continue') ?? 0);
  const rest = listed.slice(from);
  const more = rest.length > limit ? { continue: String(from + limit) } : {};
  const metadata = { resourceVersion: String(stored.version()), ...more };
  return { status: 200, body: { kind: 'List', metadata, items: rest.slice(0, limit) } };
}

type FieldSelection = (selector: string) => (object: JsonObject) => boolean;

/** Field selector with `=` alone, such as `involvedObject.kind=Pod,type=Warning`. */
export const selectFields: FieldSelection = (selector) => {
  const wanted = selector.split(',').flatMap((each) => {
    const [, path = '', value] = /^([\w.]+)==?([^=]*)$/.exec(each) ?? [];
    return value === undefined ? [] : [{ path: path.split('.'), value }];
  });
  const at = (object: JsonObject, path: readonly string[]) =>
    path.reduce<unknown>((part, member) => asObject(part)?.[member], object);
  return (object) => wanted.every(({ path, value }) => (asText(at(object, path)) ?? '') === value);
};

function carryOut(stored: StoredObjects, { method, pathname, body }: ObjectChange): FakeAnswer {
  const sent = asObject(body) ?? {};
  const metadata = asObject(sent['metadata']);
  if (method === 'POST') {
    const path = `${pathname}/${asText(metadata?.['name'])}`;
    if (stored.objects.has(path)) return statusAnswer(409, 'already exists');
    return { status: 201, body: stored.store(path, sent) };
  }
  const found = stored.objects.get(pathname);
  if (!found) return statusAnswer(404, 'not found');
  const uid = asObject(sent['preconditions'])?.['uid'];
  if (uid !== undefined && uid !== asObject(found['metadata'])?.['uid']) {
    return statusAnswer(409, 'Precondition failed: UID in precondition is another one');
  }
  const expected = asObject(sent['preconditions'])?.['resourceVersion'] ?? metadata?.['resourceVersion'];
  if (method === 'PUT' && expected === undefined) {
    return statusAnswer(422, 'metadata.resourceVersion: must be specified for an update');
  }
  if (expected !== undefined && expected !== asObject(found['metadata'])?.['resourceVersion']) {
    return statusAnswer(409, 'the object has been modified');
  }
  if (method === 'PUT') return { status: 200, body: stored.store(pathname, sent) };
  if (method === 'PATCH') return { status: 200, body: stored.store(pathname, mergePatch(found, sent)) };
  if (method !== 'DELETE') return statusAnswer(405, 'method not allowed');
  const ofFound = asObject(found['metadata']);
  // It stays until somebody else removes the finalizers.
  if (ofFound?.['finalizers'] !== undefined) {
    const deleted = { ...ofFound, deletionTimestamp: '2026-01-01T12:00:00Z' };
    return { status: 200, body: stored.store(pathname, { ...found, metadata: deleted }) };
  }
  stored.drop(pathname);
  return statusAnswer(200);
}

interface ObjectPath {
  readonly root: string;
  readonly namespace: string | undefined;
  readonly resource: string;
  /** Undefined for a collection. */
  readonly name: string | undefined;
}

const PATH = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/;

function parsePath(path: string): ObjectPath | undefined {
  const [, root, namespace, resource, name] = PATH.exec(path) ?? [];
  return root && resource ? { root, namespace, resource, name } : undefined;
}

/** True for the path of an object in the collection; a collection without a namespace spans all of them. */
function isIn(collection: ObjectPath, path: string): boolean {
  const object = parsePath(path);
  return (
    object?.name !== undefined &&
    object.root === collection.root &&
    object.resource === collection.resource &&
    (collection.namespace === undefined || object.namespace === collection.namespace)
  );
}

function withVersion(object: JsonObject, version: number): JsonObject {
  return { ...object, metadata: { ...asObject(object['metadata']), resourceVersion: String(version) } };
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
