import { PodroleError } from './errors.ts';
import { asArray, asObject, asText, type JsonObject } from './json/json.ts';

/** Returns the metadata of an object of Kubernetes; undefined if it has none, or is not an object. */
export function metadataOf(object: unknown): JsonObject | undefined {
  return asObject(asObject(object)?.['metadata']);
}

/** Object of a manifest. */
export interface FoundObject {
  readonly object: JsonObject;
  /** Own kind and API version, or those that a list of one kind gives to its items. */
  readonly type: { readonly kind?: unknown; readonly apiVersion?: unknown };
  /** Members and indices that lead to it from the root. */
  readonly path: readonly (string | number)[];
}

/**
 * Most objects in one document. A list of all ServiceAccounts of a large cluster has some 100,000. YAML
 * aliases can repeat a list of thousands a thousand times.
 */
const MAX_OBJECTS = 250_000;

/**
 * Yields the object itself or, if it is a List, the objects in it, in their order, however deep Lists are
 * nested. A list of one kind, such as the API server's `DeploymentList`, may leave out the kind of its items.
 * @param origin name of the document in errors
 * @throws PodroleError `INVALID_MANIFEST` if there are too many
 */
export function* objectsIn(root: JsonObject, origin = 'a document'): Generator<FoundObject> {
  // A stack in place of recursion, so that no depth is too deep. Its last element is the next one.
  const ahead: FoundObject[] = [{ object: root, type: {}, path: [] }];
  let found = 1;
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const { object, type: inherited, path } = next;
    const { kind = inherited.kind, apiVersion = inherited.apiVersion } = object;
    const [, itemKind] = /^(\w*)List$/.exec(asText(kind) ?? '') ?? [];
    const items = itemKind === undefined ? undefined : asArray(object['items']);
    if (!items) {
      yield { object, type: { kind, apiVersion }, path };
      continue;
    }
    found += items.length;
    if (found > MAX_OBJECTS) throw tooManyObjects(origin);
    const type = itemKind ? { kind: itemKind, apiVersion } : {};
    for (let at = items.length - 1; at >= 0; at -= 1) {
      const item = asObject(items[at]);
      if (item) ahead.push({ object: item, type, path: [...path, 'items', at] });
    }
  }
}

function tooManyObjects(object: string): PodroleError {
  return new PodroleError({
    code: 'INVALID_MANIFEST',
    object,
    problem: `contains more than ${MAX_OBJECTS} objects in Lists`,
    remedy: 'split it into several files; check that no alias repeats a List',
  });
}
