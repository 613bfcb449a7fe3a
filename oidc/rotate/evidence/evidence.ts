import type { Fault } from '../../../lib/errors.ts';

/** What one API server was seen to do. */
export interface ApiServerEvidence {
  /** Its address. */
  readonly name: string;
  /** Kids of its key set: tokens of these it accepts. */
  readonly verifiesWith: readonly string[];
  /** Kid in the header of a token that it minted just now. */
  readonly signsWith: string;
  /** How far its clock is ahead of podrole's. */
  readonly clockAheadMs: number;
}

/** What was seen of the world just now; a step is judged by it and by nothing else. */
export interface Evidence {
  /** Every API server, at least one. */
  readonly apiServers: readonly ApiServerEvidence[];
  /** Kids of the key set in the target. */
  readonly publishedKids: readonly string[];
  /** Kids of the key set that the issuer's URL leads to; undefined where it can't be reached from here. */
  readonly publicKids: readonly string[] | undefined;
  /** What could not be seen. No step is taken on half of the evidence. */
  readonly faults: readonly Fault[];
  /** What a reader should know of how it was collected. */
  readonly notes: readonly string[];
}

/** Names of the API servers that a condition holds for. */
export function serversThat(
  { apiServers }: Evidence,
  holds: (server: ApiServerEvidence) => boolean,
): readonly string[] {
  return apiServers.filter(holds).map(({ name }) => name);
}
