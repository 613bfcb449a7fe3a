import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { objectsIn } from '../../lib/kubernetes-objects.ts';
import { mappingOf } from './objects-at.ts';
import { EACH, isWritable, type TemplatePath, type ToldPath, writeKind, writePath } from './template-path.ts';
import { groupOf, knownTemplates } from './workloads.ts';

/** Objects of one kind that seem to hold pods, at places that podrole does not know. */
export interface PassedOver {
  readonly kind: string;
  readonly group: string;
  readonly objects: number;
  /** Values for `--template-path`; empty if what they hold does not have the form of a pod template. */
  readonly templatePaths: readonly string[];
}

/** Most places that a note names for one kind. */
const PLACES_MAX = 5;

/**
 * Returns the kinds in the values of documents that are not known, but have lists of containers with name and
 * image. Custom resources often hold pods: nobody should believe that these got a role.
 */
export function passedOver(documents: readonly unknown[], told: readonly ToldPath[]): PassedOver[] {
  const kinds = new Map<string, { kind: string; group: string; objects: number; paths: Set<string> }>();
  for (const root of documents.map(asObject)) {
    for (const { object, type } of root ? objectsIn(root) : []) {
      const kind = asText(type.kind);
      if (kind === undefined || knownTemplates(type, told)) continue;
      const places = podsIn(object);
      if (places.length === 0) continue;
      const group = groupOf(type.apiVersion) ?? '';
      const name = writeKind(kind, group);
      const entry = kinds.get(name) ?? { kind, group, objects: 0, paths: new Set() };
      kinds.set(name, entry);
      entry.objects += 1;
      for (const place of places) {
        const isTold = place.isTemplate && place.path.every(isWritable) && entry.paths.size < PLACES_MAX;
        if (isTold) entry.paths.add(`${name}=${writePath(place.path)}`);
      }
    }
  }
  return [...kinds.values()].map(({ paths, ...entry }) => ({ ...entry, templatePaths: [...paths] }));
}

interface Place {
  readonly path: TemplatePath;
  /** True for `metadata` and `spec`, false for a bare list of containers. */
  readonly isTemplate: boolean;
}

/**
 * Returns the places of an object that look like pods. Each value is visited once, however often aliases
 * repeat it.
 */
function podsIn(object: JsonObject): readonly Place[] {
  const places: Place[] = [];
  const visited = new Set<unknown>();
  visit(object, []);
  return places;

  function visit(value: unknown, path: readonly string[]): void {
    const list = asArray(value);
    const mapping = mappingOf(value);
    if ((!list && !mapping) || visited.has(value)) return;
    visited.add(value);
    if (mapping && hasContainers(mapping['spec'])) places.push({ path, isTemplate: true });
    else if (hasContainers(mapping)) places.push({ path, isTemplate: false });
    else if (list) for (const item of list) visit(item, [...path, EACH]);
    else for (const [key, member] of Object.entries(mapping ?? {})) visit(member, [...path, key]);
  }
}

function hasContainers(value: unknown): boolean {
  const containers = asArray(mappingOf(value)?.['containers']);
  return (
    containers !== undefined &&
    containers.length > 0 &&
    containers.every((item) => {
      const { name, image } = mappingOf(item) ?? {};
      return asText(name) !== undefined && asText(image) !== undefined;
    })
  );
}
