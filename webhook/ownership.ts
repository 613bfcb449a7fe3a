import type { JsonObject } from '../lib/json.ts';

/** The pod without what `podrole.dev/injected` says podrole put there; the same object where it says nothing. */
export function withdrawIdentity(pod: JsonObject): JsonObject {
  return pod;
}
