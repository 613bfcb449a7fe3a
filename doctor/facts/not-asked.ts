import type { IssuerFacts } from './issuer-facts.ts';
import type { Reading } from './reading.ts';

/** Returns the reading of what was left out, and why. */
export function notAsked(why: string): Extract<Reading<never>, { state: 'not asked' }> {
  return { state: 'not asked', why };
}

/** Facts about an issuer of which nothing was read, and why. */
export function unaskedIssuer(url: string, why: string): IssuerFacts {
  const left = notAsked(why);
  return {
    url,
    addresses: left,
    isProxied: false,
    discovery: left,
    keySet: left,
    privateMembers: {},
    chain: left,
  };
}
