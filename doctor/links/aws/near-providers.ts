import { nearMisses } from '../../../bind/plan/near-miss.ts';
import { issuerHostPath } from '../../../lib/issuer.ts';
import { nearestName } from '../../../lib/text/nearest-name.ts';

/** A mistyped issuer differs in one or two places; other clusters' issuers differ in their random part. */
const MAX_EDITS = 2;

/**
 * Returns the ARNs of providers that are probably meant for an issuer: those that differ only in case or
 * slashes, else the one with the fewest other characters.
 */
export function nearProviders(issuer: string, arns: readonly string[]): readonly string[] {
  const loose = nearMisses(issuer, arns);
  if (loose.length > 0) return loose;
  const byHostPath = new Map(arns.map((arn) => [arn.replace(/^.*?:oidc-provider\//, ''), arn]));
  const wanted = issuerHostPath(issuer);
  byHostPath.delete(wanted);
  const nearest = byHostPath.get(nearestName(wanted, [...byHostPath.keys()], MAX_EDITS) ?? '');
  return nearest === undefined ? [] : [nearest];
}
