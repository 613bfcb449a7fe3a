import type { Fault } from '../../../lib/errors.ts';

/** Evidence about one API server. */
export interface ApiServerEvidence {
  /** Its address. */
  readonly name: string;
  /** Kids of its key set, whose tokens it accepts. */
  readonly verifiesWith: readonly string[];
  /** Kid in the header of a token that it has just issued. */
  readonly signsWith: string;
  /** Milliseconds by which its clock is ahead of podrole's. */
  readonly clockAheadMs: number;
}

/** Observations that a step is judged by, and by nothing else. */
export interface Evidence {
  /** Every API server, at least one. */
  readonly apiServers: readonly ApiServerEvidence[];
  /** Kids of the key set in the target. */
  readonly publishedKids: readonly string[];
  /** Kids of the key set at the issuer's URL; undefined if it is unreachable from here. */
  readonly publicKids: readonly string[] | undefined;
  /** Things that could not be observed. No step is taken on incomplete evidence. */
  readonly faults: readonly Fault[];
  /** Notes for the reader on how it was collected. */
  readonly notes: readonly string[];
}

/** Returns the names of the API servers for which a condition holds. */
export function serversThat(
  { apiServers }: Evidence,
  holds: (server: ApiServerEvidence) => boolean,
): readonly string[] {
  return apiServers.filter(holds).map(({ name }) => name);
}
