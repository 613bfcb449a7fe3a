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
 * Yields the object itself or, if it is a List, the objects in it, in their order, however deep Lists are
 * nested. A list of one kind, such as the API server's `DeploymentList`, may leave out the kind of its items.
 */
export function* objectsIn(root: JsonObject): Generator<FoundObject> {
  // A stack in place of recursion, so that no depth is too deep. Its last element is the next one.
  const ahead: FoundObject[] = [{ object: root, type: {}, path: [] }];
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const { object, type: inherited, path } = next;
    const { kind = inherited.kind, apiVersion = inherited.apiVersion } = object;
    const [, itemKind] = /^(\w*)List$/.exec(asText(kind) ?? '') ?? [];
    const items = itemKind === undefined ? undefined : asArray(object['items']);
    if (!items) {
      yield { object, type: { kind, apiVersion }, path };
      continue;
    }
    const type = itemKind ? { kind: itemKind, apiVersion } : {};
    for (let at = items.length - 1; at >= 0; at -= 1) {
      const item = asObject(items[at]);
      if (item) ahead.push({ object: item, type, path: [...path, 'items', at] });
    }
  }
}
