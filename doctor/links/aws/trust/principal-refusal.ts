import type { TrustEntry } from '../../../../bind/trust/trust-entry.ts';
import { federatedOf, isOfIssuer } from '../../../../bind/trust/trust-policy-parts.ts';
import { issuerHostPath } from '../../../../lib/issuer.ts';
import { nearProviders } from '../near-providers.ts';
import type { Refusal } from './refusal-of-statement.ts';

/**
 * Returns the refusal of a statement that names federated principals, but not the provider of the token;
 * undefined for any other statement.
 */
export function principalRefusal(raw: unknown, entry: TrustEntry, name: string): Refusal | undefined {
  const named = federatedOf(raw);
  if (named.length === 0 || named.includes('*') || named.includes(entry.providerArn)) return undefined;
  const list = named.slice(0, 5).join(', ');
  if (isOfIssuer(raw, entry.issuer)) {
    return {
      code: 'TRUST_POLICY_OTHER_ACCOUNT',
      closeness: 40,
      found: `trusts the issuer by the provider of another account or partition: ${name} names ${list}`,
      details: [],
    };
  }
  const hostPath = issuerHostPath(entry.issuer);
  const isUrl = named.some((text) => text === hostPath || text === entry.issuer);
  const near = nearProviders(entry.issuer, named);
  const said = isUrl
    ? `${name} names ${list}, which is not the ARN of a provider`
    : `${name} trusts ${list}${near.length > 0 ? ', which is almost the same, and for STS another issuer' : ''}`;
  return {
    code: 'TRUST_POLICY_OTHER_ISSUER',
    closeness: isUrl || near.length > 0 ? 35 : 10,
    found: `does not trust the issuer: ${said}`,
    details: [],
  };
}
