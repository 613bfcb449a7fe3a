import fastJsonPatch, { type Operation } from 'fast-json-patch';
import type { JsonObject } from '../lib/json.ts';

/** The JSON Patch (RFC 6902) that turns one into the other; empty where they are the same object. */
export function patchOf(before: JsonObject, after: JsonObject): Operation[] {
  return before === after ? [] : fastJsonPatch.compare(before, after);
}
