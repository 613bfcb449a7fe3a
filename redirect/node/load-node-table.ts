import { PodroleError } from '../../lib/errors.ts';
import { loadRules, readTable } from '../loaded-table.ts';
import type { RunNft } from '../nft-command.ts';
import { nodeDifferences } from './node-differences.ts';
import { type NodeTableOptions, nodeChains, renderNodeTable } from './node-table.ts';
import type { Workloads } from './workloads.ts';

type Wanted = Omit<NodeTableOptions, 'checksSource'>;

/** State of the table in the kernel. */
export interface NodeTableState {
  /** Each as the end of a sentence that begins with the table; empty if it is as it should be. */
  readonly differences: readonly string[];
  /** False if the table does not compare the source of a connection with its interface. */
  readonly checksSource: boolean;
}

/**
 * Loads the table. A kernel that cannot look up routes (nft_fib_inet) gets it without that comparison: other
 * checks remain, and the caller says so.
 * @returns `checksSource`
 * @throws PodroleError with the fault of nft
 */
export function loadNodeTable(nft: RunNft, wanted: Wanted): boolean {
  const load = (checksSource: boolean) =>
    loadRules(nft, renderNodeTable(wanted.workloads, nodeChains({ ...wanted, checksSource })));
  try {
    load(true);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof PodroleError && thrown.code === 'NO_NFT_NAT')) throw thrown;
    try {
      load(false);
    } catch {
      // The first message names what is missing.
      throw thrown;
    }
    return false;
  }
}

/** @throws PodroleError with the fault of nft */
export function readNodeTable(nft: RunNft, wanted: Wanted): NodeTableState {
  const loaded = readTable(nft, wanted.workloads.table);
  if (!loaded) return { differences: ['does not exist'], checksSource: true };
  const [differences, withoutSource] = [true, false].map((checksSource) =>
    nodeDifferences(loaded, nodeChains({ ...wanted, checksSource })),
  );
  return withoutSource?.length === 0
    ? { differences: [], checksSource: false }
    : { differences: differences ?? [], checksSource: true };
}

/** @throws PodroleError `REDIRECT_DIFFERS` if there are differences */
export function throwIfDifferent(differences: readonly string[], { table, command }: Workloads): void {
  if (differences.length === 0) return;
  throw new PodroleError(
    differences.map((problem) => ({
      code: 'REDIRECT_DIFFERS',
      object: `table ${table}`,
      problem,
      remedy: `run ${command}, which replaces the table, and make sure that nothing else changes it`,
    })),
  );
}
