import { createHash } from 'node:crypto';

const HASH_LENGTH = 8;

/**
 * Returns a name for each ID, in a format with fewer characters than IDs have. If several IDs lead to one
 * name, each of them gets digits of its SHA-256, so that a name never depends on the order.
 */
export function uniqueNames(
  ids: readonly string[],
  nameOf: (id: string) => string,
): ReadonlyMap<string, string> {
  const takers = Map.groupBy(ids, nameOf);
  return new Map(
    ids.map((id) => {
      const name = nameOf(id);
      const hash = createHash('sha256').update(id).digest('hex').slice(0, HASH_LENGTH);
      return [id, (takers.get(name)?.length ?? 0) > 1 ? nameOf(`${id}/${hash}`) : name];
    }),
  );
}
