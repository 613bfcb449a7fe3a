import { DNS_LABEL_MAX_LENGTH } from '../../lib/contract/kubernetes.ts';
import { type Fault, throwIfAny } from '../../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { type FoundObject, metadataOf, objectsIn } from '../../lib/kubernetes-objects.ts';
import { writePlace } from '../../lib/text/write-place.ts';
import { malformedPart } from './malformed-pod.ts';
import { type Malformed, objectsAt, type Reached } from './objects-at.ts';
import type { ToldPath } from './template-path.ts';
import { type KnownTemplates, knownTemplates } from './workloads.ts';

/** A pod, or the template of pods, within an object of a manifest. */
export interface FoundPod {
  /** `Deployment shop/web`. */
  readonly object: string;
  readonly namespace: string;
  /** `metadata` and `spec`. */
  readonly pod: JsonObject;
  /** Most characters that the names of its pods can have; absent if unknown. */
  readonly podNameMaxLength?: number;
  /** Path from the document to it: members and indices. */
  readonly path: readonly (string | number)[];
}

export interface PodSearch {
  /** Namespace of objects that name none. */
  readonly namespace: string;
  /** Places that the user named, besides those of the kinds that podrole knows. */
  readonly told?: readonly ToldPath[];
  /** Name of the document in errors: `web.yaml, document 2`. */
  readonly origin?: string;
}

/**
 * Returns the pods and pod templates in the value of a document: in the object itself, or in the items of a
 * List. A pod around another one comes first.
 * @throws PodroleError `INVALID_MANIFEST` with a fault for each pod that the API server would refuse
 */
export function findPods(document: unknown, search: PodSearch): FoundPod[] {
  const root = asObject(document);
  if (!root) return [];
  const faults: Fault[] = [];
  const found: FoundPod[] = [];
  for (const object of objectsIn(root, search.origin)) {
    const known = knownTemplates(object.type, search.told ?? []);
    if (!known) continue;
    const pods = podsOf(object, known, search);
    for (const pod of pods.found) found.push(pod);
    for (const fault of pods.faults) faults.push(fault);
  }
  throwIfAny(faults);
  return found;
}

function podsOf(
  { object, type, path }: FoundObject,
  known: KnownTemplates,
  { namespace: defaultNamespace, origin }: PodSearch,
): { readonly found: readonly FoundPod[]; readonly faults: readonly Fault[] } {
  const metadata = metadataOf(object);
  const namespace = asText(metadata?.['namespace']) || defaultNamespace;
  const name = asText(metadata?.['name']);
  const shown = name || asText(metadata?.['generateName']) || '';
  const about = `${asText(type.kind) ?? ''} ${namespace}/${shown}`;
  const place = origin === undefined ? about : `${origin}: ${about}`;
  const { templates, malformed } = templatesOf(object, known, place);
  return {
    found: templates.map(({ at, path: inside }) => ({
      object: about,
      namespace,
      pod: at,
      path: [...path, ...inside],
      ...(name && known.appended
        ? { podNameMaxLength: Math.min(name.length + known.appended, DNS_LABEL_MAX_LENGTH) }
        : {}),
    })),
    faults: malformed.map((part) => malformedFault(place, part)),
  };
}

/** Returns the pod templates of an object, the outer ones first, and what is malformed on the way to them. */
function templatesOf(
  object: JsonObject,
  { builtIn, told }: KnownTemplates,
  place: string,
): { readonly templates: readonly Reached[]; readonly malformed: readonly Malformed[] } {
  const templates = new Map<string, Reached>();
  const malformed: Malformed[] = [];
  for (const path of [...builtIn, ...told]) {
    const found = objectsAt(object, path, place);
    // A path that the user named need not fit: it may be for another version of the kind.
    if (builtIn.includes(path)) malformed.push(...found.malformed.slice(0, 1));
    for (const reached of found.reached) {
      const { at, path: inside } = reached;
      const part = malformedPart(at);
      if (part) malformed.push({ ...part, path: [...inside, ...part.path] });
      // Without containers it is not a pod, but a patch of one.
      else if (asArray(asObject(at['spec'])?.['containers'])) templates.set(JSON.stringify(inside), reached);
    }
  }
  const sorted = [...templates.values()].sort((one, other) => one.path.length - other.path.length);
  return { templates: sorted, malformed };
}

function malformedFault(object: string, { path, expected }: Malformed): Fault {
  return {
    code: 'INVALID_MANIFEST',
    object,
    problem: `${writePlace(path)} must be ${expected}`,
    remedy: 'correct it: the API server would refuse it',
  };
}
