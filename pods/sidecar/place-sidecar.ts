import { isDeepStrictEqual } from 'node:util';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { place, withList } from '../place.ts';
import { listOf, nameOf } from '../pod-parts.ts';
import type { SidecarContainers } from './containers.ts';

export interface PlacedSidecar {
  /** The same object where nothing changed. */
  readonly spec: JsonObject;
  /** Names of the containers in it that are podrole's. */
  readonly owned: ReadonlySet<string>;
}

/**
 * The spec with these containers in place of the owned ones: new init containers before all others, a new container after all others.
 * One whose name the pod has already, and not as podrole's own, is there: by an earlier call of the webhook, or by hand.
 */
export function placeSidecar(
  spec: JsonObject,
  wanted: SidecarContainers,
  owned: ReadonlySet<string>,
): PlacedSidecar {
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
      : place(before, places, missing, (present, container) => covers(present, container));
    result = withList(result, list, before, after);
    for (const { name } of missing) placed.add(name);
  }
  return { spec: result, owned: placed };
}

/** Members that mean something by what they lack. */
const WHOLE = ['args', 'command', 'limits', 'capabilities'];

/** Whether one is the other and what the API server, or another webhook, has filled in. */
function covers(present: unknown, wanted: unknown, key?: string): boolean {
  const [is, shall] = [asObject(present), asObject(wanted)];
  if (is && shall) {
    return Object.entries(shall).every(([name, value]) =>
      WHOLE.includes(name) ? isDeepStrictEqual(is[name], value) : covers(is[name], value, name),
    );
  }
  const [items, named] = [asArray(present), asArray(wanted)];
  if (!items || !named) return present === wanted;
  // Mounts may be more: the API server adds that of its own token.
  if (key === 'env' && items.length !== named.length) return false;
  return named.every((item) =>
    covers(
      items.find((candidate) => nameOf(candidate) === nameOf(item)),
      item,
    ),
  );
}
