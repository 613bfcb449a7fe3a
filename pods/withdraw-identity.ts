import type { JsonObject } from '../lib/json/json.ts';
import { reconcilePod } from './mutate-pod.ts';

/**
 * The pod without what `podrole.dev/injected` says podrole put there, and without that annotation: for a ServiceAccount that
 * has no identity any more. The same object where it says nothing.
 */
export function withdrawIdentity(pod: JsonObject): JsonObject {
  return reconcilePod(pod, undefined, {}).pod;
}
