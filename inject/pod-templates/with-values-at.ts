import { asArray, asObject } from '../../lib/json/json.ts';

/**
 * Returns the value with replacements at these paths. Objects off the paths are not copied, and each list is
 * copied once.
 */
export function withValuesAt(
  root: unknown,
  replacements: readonly { readonly path: readonly (string | number)[]; readonly value: unknown }[],
): unknown {
  const copies = new Set<unknown>();
  const copyOf = (value: unknown): Record<string | number, unknown> => {
    const list = asArray(value);
    const copy: unknown = copies.has(value) ? value : list ? [...list] : { ...asObject(value) };
    copies.add(copy);
    return copy as Record<string | number, unknown>;
  };
  let result = root;
  for (const { path, value } of replacements) {
    const last = path.at(-1);
    if (last === undefined) {
      result = value;
      continue;
    }
    let at = copyOf(result);
    result = at;
    for (const key of path.slice(0, -1)) {
      const next = copyOf(at[key]);
      at[key] = next;
      at = next;
    }
    at[last] = value;
  }
  return result;
}
