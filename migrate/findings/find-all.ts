import { compareText } from '../../lib/text/compare.ts';
import type { MigrationFinding } from '../model.ts';
import { findInAccounts } from './accounts.ts';
import type { FindingInput } from './finding-input.ts';
import { findInNamespaces } from './namespaces.ts';
import { findInProxies } from './proxies.ts';
import { findInRoles } from './roles.ts';
import { findInWorkloads } from './workloads.ts';

/** Weights, the heaviest first. */
export const WEIGHTS = ['breaks', 'decide', 'note'] as const;

/** Returns all findings, the ones that break something first, then by object. */
export function findAll(input: FindingInput): readonly MigrationFinding[] {
  const found = [findInWorkloads, findInNamespaces, findInAccounts, findInRoles, findInProxies].flatMap(
    (find) => find(input),
  );
  return sortFindings(found);
}

/** Sorts by weight, object and text. */
export function sortFindings(findings: readonly MigrationFinding[]): readonly MigrationFinding[] {
  return [...findings].sort(
    (one, other) =>
      WEIGHTS.indexOf(one.weight) - WEIGHTS.indexOf(other.weight) ||
      compareText(one.object, other.object) ||
      compareText(one.text, other.text),
  );
}
