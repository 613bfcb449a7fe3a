import type { JsonObject } from '../../lib/json/json.ts';

/** A ServiceAccount as it is in the cluster. */
export interface ServiceAccountFacts {
  /** True if its namespace exists. */
  readonly hasNamespace: boolean;
  /** As the API server answers it; undefined if it certainly does not exist. */
  readonly object: JsonObject | undefined;
}
