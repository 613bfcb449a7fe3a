import { isDeepStrictEqual } from 'node:util';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { place, withList } from '../place.ts';
import { listOf, nameOf } from '../pod-parts.ts';
import type { SidecarContainers } from './containers.ts';

export interface WantedSidecar {
  readonly containers: SidecarContainers;
  /** Names of the containers of the pod that are podrole's. */
  readonly owned: ReadonlySet<string>;
  /** True for a manifest: no LimitRange has added resources to its containers. */
  readonly isManifest: boolean;
}

export interface PlacedSidecar {
  /** The same object if nothing changed. */
  readonly spec: JsonObject;
  /** Names of the containers in it that are podrole's. */
  readonly owned: ReadonlySet<string>;
}

/**
 * Returns the spec with these containers in place of the owned ones: new init containers before all others, a
 * new container after all others. A container whose name the pod already has, and which podrole does not own,
 * is not added: an earlier call of the webhook, or a user, has done so.
 */
export function placeSidecar(
  spec: JsonObject,
  { containers: wanted, owned, isManifest }: WantedSidecar,
): PlacedSidecar {
  const comparedWhole = isManifest ? [...COMPARED_WHOLE, 'resources'] : COMPARED_WHOLE;
  const isOwned = (item: unknown) => owned.has(nameOf(item) ?? '');
  const lists = ['initContainers', 'containers'] as const;
  const others = lists.flatMap((list) => listOf(spec[list])?.filter((item) => !isOwned(item)) ?? []);
  const taken = new Set(others.map(nameOf));
  const placed = new Set<string>();
  let result = spec;
  for (const list of lists) {
    const before = listOf(spec[list]);
    if (!before) continue;
    const places = before.flatMap((item, index) => (isOwned(item) ? [index] : []));
    const missing = wanted[list].filter(({ name }) => !taken.has(name));
    const isFirst = list === 'initContainers' && places.length === 0 && missing.length > 0;
    const after = isFirst
      ? [...missing, ...before]
      : place(before, places, missing, (present, container) => covers(present, container, comparedWhole));
    result = withList(result, list, before, after);
    for (const { name } of missing) placed.add(name);
  }
  return { spec: result, owned: placed };
}

/** Members that must be equal as a whole: in them, what is absent has a meaning too. */
const COMPARED_WHOLE = ['args', 'command', 'limits', 'capabilities'];

/**
 * True if the actual value has everything that is desired: the API server or another webhook may have added
 * to it.
 */
function covers(actual: unknown, desired: unknown, comparedWhole: readonly string[], key?: string): boolean {
  const [actualObject, desiredObject] = [asObject(actual), asObject(desired)];
  if (actualObject && desiredObject) {
    return Object.entries(desiredObject).every(([name, value]) =>
      comparedWhole.includes(name)
        ? isDeepStrictEqual(actualObject[name], value)
        : covers(actualObject[name], value, comparedWhole, name),
    );
  }
  const [actualItems, desiredItems] = [asArray(actual), asArray(desired)];
  if (!actualItems || !desiredItems) return actual === desired;
  // More mounts are fine: the API server adds the one of its own token.
  if (key === 'env' && actualItems.length !== desiredItems.length) return false;
  return desiredItems.every((item) =>
    covers(
      actualItems.find((candidate) => nameOf(candidate) === nameOf(item)),
      item,
      comparedWhole,
    ),
  );
}
