import { asArray, asObject } from '../../lib/json/json.ts';
import { compareText } from '../../lib/text/compare.ts';

/**
 * True if two policies mean the same. The order of members and of strings in a list does not matter, and a
 * list of one is its element: IAM keeps a policy as it was written, and other tools write it in their own
 * way.
 */
export function samePolicy(one: unknown, other: unknown): boolean {
  return JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));
}

function canonical(value: unknown): unknown {
  const list = asArray(value);
  if (list) {
    const items = list.map(canonical);
    if (items.length === 1) return items[0];
    return items.every((item) => typeof item === 'string') ? [...new Set(items)].sort() : items;
  }
  const object = asObject(value);
  if (!object) return typeof value === 'boolean' || typeof value === 'number' ? String(value) : value;
  const sorted = Object.entries(object).sort(([a], [b]) => compareText(a, b));
  return Object.fromEntries(sorted.map(([key, member]) => [key, canonical(member)]));
}
