import type { Fault } from '../../lib/errors.ts';
import { iamIssuerProblem } from '../../lib/issuer.ts';

/** Returns the fault of an issuer that IAM would refuse; undefined if IAM accepts it. */
export function issuerFault(issuer: string, origin: string): Fault | undefined {
  const problem = iamIssuerProblem(issuer);
  const remedy =
    "give the API server's --service-account-issuer, an https URL without port that AWS can reach";
  return problem ? { code: 'INVALID_ISSUER', object: `${origin} ${issuer}`, problem, remedy } : undefined;
}
