import { asArray, asObject, asText, type JsonObject } from '../../../lib/json/json.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';
import type { StaticKey } from '../facts/audit-facts.ts';
import { findKeys, holdsSecret, maskKeyIds } from './find-keys.ts';

/** A string of an object, with its place in words. */
interface Place {
  readonly place: string;
  readonly text: string;
}

/** Most findings of one object. */
const MAX_PER_OBJECT = 5;

/** Finds static keys of AWS in a ConfigMap or a Secret, whose data is base64, and in its annotations. */
export function keysInData(kind: 'ConfigMap' | 'Secret', object: JsonObject): readonly StaticKey[] {
  const plain = asObject(object[kind === 'Secret' ? 'stringData' : 'data']) ?? {};
  const encoded = asObject(object[kind === 'Secret' ? 'data' : 'binaryData']) ?? {};
  const places = [
    ...placesOfAnnotations(object),
    ...Object.entries(plain).map(([key, value]) => ({ place: `key ${key}`, text: asText(value) ?? '' })),
    // A key ID may be the name of the member that holds its secret.
    ...Object.keys({ ...plain, ...encoded }).map((key) => ({ place: `key ${key}`, text: key })),
    ...Object.entries(encoded).map(([key, value]) => ({
      place: `key ${key}`,
      text: Buffer.from(asText(value) ?? '', 'base64').toString('latin1'),
    })),
  ];
  return keysIn(kind, object, places);
}

/** Finds static keys of AWS in the annotations of a pod, and in variables, commands and arguments. */
export function keysInPod(pod: JsonObject): readonly StaticKey[] {
  const spec = asObject(pod['spec']);
  const containers = ['containers', 'initContainers', 'ephemeralContainers']
    .flatMap((list) => asArray(spec?.[list]) ?? [])
    .map((each) => asObject(each) ?? {});
  return keysIn('Pod', pod, [...containers.flatMap(placesOfContainer), ...placesOfAnnotations(pod)]);
}

/** kubectl apply keeps a whole Secret in an annotation, also what was removed from it in another way. */
function placesOfAnnotations(object: JsonObject): readonly Place[] {
  const annotations = Object.entries(asObject(metadataOf(object)?.['annotations']) ?? {});
  return annotations.map(([key, value]) => ({ place: `annotation ${key}`, text: asText(value) ?? '' }));
}

function placesOfContainer(container: JsonObject): readonly Place[] {
  const of = `of container ${asText(container['name'])}`;
  const variables = (asArray(container['env']) ?? []).map((each) => asObject(each));
  const words = ['command', 'args'].map((list) => ({
    place: `${list} ${of}`,
    text: (asArray(container[list]) ?? []).map((word) => asText(word) ?? '').join('\n'),
  }));
  return [
    ...variables.map((variable) => ({
      place: `variable ${asText(variable?.['name'])} ${of}`,
      text: asText(variable?.['value']) ?? '',
    })),
    ...words,
  ];
}

function keysIn(kind: StaticKey['kind'], object: JsonObject, places: readonly Place[]): readonly StaticKey[] {
  const found = places.flatMap(({ place, text }) => findKeys(text).map((key) => ({ place, ...key })));
  if (found.length === 0) return [];
  const metadata = metadataOf(object);
  const named = {
    kind,
    namespace: asText(metadata?.['namespace']) ?? '',
    name: asText(metadata?.['name']) ?? '',
  };
  // Key ID and secret usually stand in two members.
  const isNear = places.some(({ text }) => holdsSecret(text));
  const byId = new Map(found.map((key) => [key.maskedKeyId, key]));
  return [...byId.values()].slice(0, MAX_PER_OBJECT).map(({ place, maskedKeyId, hasSecret }) => ({
    ...named,
    place: maskKeyIds(place),
    maskedKeyId,
    hasSecret: hasSecret || isNear,
  }));
}
