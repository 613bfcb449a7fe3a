import type { LoadedTable } from './nft-listing.ts';
import { REDIRECT_CHAIN, type Redirect } from './rules.ts';

/**
 * Returns what keeps a table from its purpose, each as the end of a sentence that begins with the table;
 * empty if the table is as it should be. An extra rule is as bad as a missing one: it may accept what the
 * next one would redirect.
 */
export function redirectDifferences(loaded: LoadedTable, wanted: readonly Redirect[]): readonly string[] {
  const key = (redirect: Redirect) => JSON.stringify(Object.entries(redirect).sort());
  const missing = new Map(wanted.map((redirect) => [key(redirect), redirect]));
  const differences = chainDifferences(loaded);
  if (loaded.hasFlags) differences.unshift('has flags, and may be dormant');
  for (const { chain, redirect, text } of loaded.rules) {
    // Deleted once found: a second copy of a rule is an extra rule.
    const isWanted = chain === REDIRECT_CHAIN.name && redirect && missing.delete(key(redirect));
    if (!isWanted) differences.push(`has a rule in ${chain} that is not podrole's: ${text}`);
  }
  for (const { address, port, toPort } of missing.values())
    differences.push(`lacks the rule that redirects ${address} port ${port} to port ${toPort}`);
  for (const kind of loaded.others) differences.push(`has a ${kind} that is not podrole's`);
  return differences;
}

function chainDifferences({ chains }: LoadedTable): string[] {
  const differences: string[] = [];
  for (const { name } of chains)
    if (name !== REDIRECT_CHAIN.name) differences.push(`has a chain that is not podrole's: ${name}`);
  const own = chains.find(({ name }) => name === REDIRECT_CHAIN.name);
  if (!own) return [...differences, `has no chain ${REDIRECT_CHAIN.name}`];
  for (const [property, value] of Object.entries(REDIRECT_CHAIN))
    if (own[property] !== value)
      differences.push(
        `has a chain ${REDIRECT_CHAIN.name} with ${property} ${own[property] ?? 'not set'}, not ${value}`,
      );
  return differences;
}
