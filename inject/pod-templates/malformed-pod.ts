import { asArray, asText, type JsonObject } from '../../lib/json/json.ts';
import { type Malformed, mappingOf } from './objects-at.ts';

/**
 * Returns the first part of a pod that has another type than the API server accepts, of those that podrole
 * reads or changes: it could not give such a pod its role. What is absent or null is fine.
 */
export function malformedPart(pod: JsonObject): Malformed | undefined {
  for (const part of partsOf(pod)) if (part) return part;
  return undefined;
}

function* partsOf(pod: JsonObject): Generator<Malformed | undefined> {
  const { metadata, spec } = pod;
  yield mapping(metadata, ['metadata']);
  for (const member of ['annotations', 'labels']) {
    yield mapping(mappingOf(metadata)?.[member], ['metadata', member]);
  }
  const parts = mappingOf(spec) ?? {};
  for (const member of ['serviceAccountName', 'serviceAccount']) {
    const name = parts[member];
    const isString = name === undefined || name === null || asText(name) !== undefined;
    yield isString ? undefined : { path: ['spec', member], expected: 'a string' };
  }
  yield* mappings(parts['volumes'], ['spec', 'volumes']);
  for (const member of ['initContainers', 'containers']) {
    yield* mappings(parts[member], ['spec', member]);
    for (const [at, container] of (asArray(parts[member]) ?? []).entries()) {
      for (const list of ['env', 'volumeMounts']) {
        yield* mappings(mappingOf(container)?.[list], ['spec', member, at, list]);
      }
    }
  }
}

function mapping(value: unknown, path: Malformed['path']): Malformed | undefined {
  const isFine = value === undefined || value === null || mappingOf(value) !== undefined;
  return isFine ? undefined : { path, expected: 'a mapping' };
}

function* mappings(value: unknown, path: Malformed['path']): Generator<Malformed | undefined> {
  if (value === undefined || value === null) return;
  const list = asArray(value);
  if (!list) yield { path, expected: 'a list' };
  for (const [at, item] of (list ?? []).entries()) {
    yield mapping(item, [...path, at]);
  }
}
