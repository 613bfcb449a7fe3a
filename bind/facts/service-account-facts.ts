import type { JsonObject } from '../../lib/json/json.ts';

/** What the cluster holds of a ServiceAccount. */
export interface ServiceAccountFacts {
  /** Whether its namespace exists; known where the ServiceAccount does not. */
  readonly hasNamespace: boolean;
  /** As the API server holds it; undefined where it is certain that there is none. */
  readonly object: JsonObject | undefined;
}
