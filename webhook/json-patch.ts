import { escapePathComponent, type Operation } from 'fast-json-patch';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import { nameOf } from '../pods/pod-parts.ts';

/**
 * Returns the JSON Patch (RFC 6902) that turns one object into the other; empty if they are the same object.
 *
 * Removing or adding an item of a list is one operation. The library compares lists by index: behind such an
 * item it would replace every other one, and a pod of 1 MiB could have a patch of 7 MiB. Items that stay are
 * found by object identity, since `mutatePod` keeps what it does not change, and changed ones by their name.
 */
export function patchOf(before: JsonObject, after: JsonObject): Operation[] {
  const operations: Operation[] = [];
  compare(before, after, '', operations);
  return operations;
}

function compare(before: unknown, after: unknown, path: string, operations: Operation[]): void {
  if (before === after) return;
  const [wasList, isList] = [asArray(before), asArray(after)];
  const [was, is] = [asObject(before), asObject(after)];
  if (wasList && isList) compareLists(wasList, isList, path, operations);
  else if (was && is) compareObjects(was, is, path, operations);
  else operations.push({ op: 'replace', path, value: after });
}

function compareObjects(before: JsonObject, after: JsonObject, path: string, operations: Operation[]): void {
  const at = (key: string) => `${path}/${escapePathComponent(key)}`;
  for (const key of Object.keys(before)) {
    if (Object.hasOwn(after, key)) compare(before[key], after[key], at(key), operations);
    else operations.push({ op: 'remove', path: at(key) });
  }
  for (const key of Object.keys(after)) {
    if (!Object.hasOwn(before, key)) operations.push({ op: 'add', path: at(key), value: after[key] });
  }
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  operations: Operation[],
): void {
  const { removed, added, changed } = alignLists(before, after);
  // From the end, so that the indices of the items still to be removed stay right.
  for (const place of removed.reverse()) operations.push({ op: 'remove', path: `${path}/${place}` });
  for (const place of added) operations.push({ op: 'add', path: `${path}/${place}`, value: after[place] });
  for (const [from, to] of changed) compare(before[from], after[to], `${path}/${to}`, operations);
}

interface Alignment {
  /** Indices in the list before, in ascending order. */
  readonly removed: number[];
  /** Indices in the list after, in ascending order. */
  readonly added: number[];
  /** Indices before and after of items that stay but are not the same object. */
  readonly changed: [from: number, to: number][];
}

/** Finds the items that stay, in one pass through both lists. */
function alignLists(before: readonly unknown[], after: readonly unknown[]): Alignment {
  const [wasThere, isThere] = [new Set(before), new Set(after)];
  const alignment: Alignment = { removed: [], added: [], changed: [] };
  let [from, to] = [0, 0];
  while (from < before.length || to < after.length) {
    const [start, startAfter] = [from, to];
    while (from < before.length && !isThere.has(before[from])) from += 1;
    while (to < after.length && !wasThere.has(after[to])) to += 1;
    const isSame = from < before.length && to < after.length && before[from] === after[to];
    if (!isSame) [from, to] = [Math.min(from + 1, before.length), Math.min(to + 1, after.length)];
    alignGap(alignment, [before, start, from], [after, startAfter, to]);
    if (isSame) [from, to] = [from + 1, to + 1];
  }
  return alignment;
}

type Stretch = readonly [list: readonly unknown[], start: number, end: number];

/**
 * Aligns stretches without a common item: items with the same name, from both ends, are one that was changed.
 */
function alignGap(
  { removed, added, changed }: Alignment,
  [before, start, end]: Stretch,
  [after, startAfter, endAfter]: Stretch,
): void {
  let [from, to, last, lastAfter] = [start, startAfter, end, endAfter];
  while (from < last && to < lastAfter && isAlike(before[from], after[to])) {
    changed.push([from, to]);
    [from, to] = [from + 1, to + 1];
  }
  while (from < last && to < lastAfter && isAlike(before[last - 1], after[lastAfter - 1])) {
    [last, lastAfter] = [last - 1, lastAfter - 1];
    changed.push([last, lastAfter]);
  }
  for (; from < last; from += 1) removed.push(from);
  for (; to < lastAfter; to += 1) added.push(to);
}

function isAlike(one: unknown, other: unknown): boolean {
  return asObject(one) !== undefined && asObject(other) !== undefined && nameOf(one) === nameOf(other);
}
