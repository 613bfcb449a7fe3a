import { PodroleError } from '../lib/errors.ts';
import type { RunNft } from './nft-command.ts';
import { nftFault } from './nft-fault.ts';
import { type LoadedTable, parseNftListing } from './nft-listing.ts';

/**
 * Loads rules, all of them or none.
 * @throws PodroleError with the fault of nft
 */
export function loadRules(nft: RunNft, ruleset: string): void {
  const result = nft(['-f', '-'], ruleset);
  if (!result.ok) throw new PodroleError(nftFault(result));
}

/**
 * Returns the table as the kernel has it; undefined if it does not exist.
 * @param name family and name of the table
 * @throws PodroleError with the fault of nft
 */
export function readTable(nft: RunNft, name: string): LoadedTable | undefined {
  const listing = nft(['-j', 'list', 'table', ...name.split(' ')]);
  if (listing.ok) return parseNftListing(listing.stdout, name);
  // Listing a table that does not exist is an error that the exit code does not tell apart from others.
  if (/^Error: No such file or directory/m.test(listing.stderr)) return undefined;
  throw new PodroleError(nftFault(listing));
}
