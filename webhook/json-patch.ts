import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { asArray, asObject, type JsonObject } from '../lib/json.ts';

/**
 * The JSON Patch (RFC 6902) that turns one into the other; empty where they are the same object.
 *
 * The sidecar's init containers come before all others. The library compares lists by index, so it would replace every init
 * container behind them; they are added by operations of their own instead, and the library compares the rest.
 */
export function patchOf(before: JsonObject, after: JsonObject): Operation[] {
  if (before === after) return [];
  const [was, is] = [initContainersOf(before), initContainersOf(after)];
  const count = was && is && was[0] !== is[0] ? Math.max(is.length - was.length, 0) : 0;
  if (!is || count === 0) return fastJsonPatch.compare(before, after);
  const spec = { ...asObject(after['spec']), initContainers: is.slice(count) };
  const added = is
    .slice(0, count)
    .map((value, index): Operation => ({ op: 'add', path: `/spec/initContainers/${index}`, value }));
  return [...fastJsonPatch.compare(before, { ...after, spec }), ...added];
}

function initContainersOf(pod: JsonObject): readonly unknown[] | undefined {
  return asArray(asObject(pod['spec'])?.['initContainers']);
}
