import { type LoadResult, load, type SentRequest } from './load.ts';

/** A server under measurement. */
interface Contestant extends SentRequest {
  readonly title: string;
}

export interface Measured {
  /** The median of each figure over the rounds. */
  readonly result: LoadResult;
  /**
   * Median of this server's figure divided by the first contestant's figure of the same round; 1 for the
   * first.
   */
  readonly requestsRatio: number;
  readonly p50Ratio: number;
}

const CONNECTIONS = [1, 16];
const ROUNDS = 7;
const WARM_UP_MS = 2_000;
const MEASURE_MS = 1_000;

/**
 * Measures servers in turns of one second each: when the speed of a machine varies, only figures that were
 * measured side by side are comparable.
 * @returns the figures of each contestant by number of connections
 */
export async function measureInTurns(
  contestants: readonly Contestant[],
): Promise<readonly (readonly Measured[])[]> {
  for (const sent of contestants) await load(sent, Math.max(...CONNECTIONS), WARM_UP_MS);
  const measured: Measured[][] = contestants.map(() => []);
  for (const connections of CONNECTIONS) {
    const rounds: LoadResult[][] = contestants.map(() => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [at, sent] of contestants.entries()) {
        rounds[at]?.push(await load(sent, connections, MEASURE_MS));
      }
    }
    for (const [at, results] of rounds.entries()) measured[at]?.push(summarize(results, rounds[0] ?? []));
  }
  return measured;
}

function summarize(results: readonly LoadResult[], first: readonly LoadResult[]): Measured {
  const of = (figure: keyof LoadResult) => median(results.map((result) => result[figure]));
  const ratioOf = (figure: keyof LoadResult) =>
    median(results.map((result, round) => result[figure] / (first[round]?.[figure] ?? Number.NaN)));
  return {
    result: {
      connections: of('connections'),
      requestsPerSecond: of('requestsPerSecond'),
      p50Ms: of('p50Ms'),
      p99Ms: of('p99Ms'),
      failures: results.reduce((sum, { failures }) => sum + failures, 0),
    },
    requestsRatio: ratioOf('requestsPerSecond'),
    p50Ratio: ratioOf('p50Ms'),
  };
}

/** Median of an odd number of values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
