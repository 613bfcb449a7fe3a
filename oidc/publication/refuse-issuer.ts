import { PodroleError } from '../../lib/errors.ts';
import { iamIssuerProblem, issuerProblem } from '../../lib/issuer.ts';

/**
 * Refuses to publish for an issuer whose tokens nobody would accept.
 * @param allowPort for verifiers other than IAM, such as Ceph radosgw
 * @throws PodroleError `INVALID_ISSUER`
 */
export function refuseIssuer(issuer: string, allowPort: boolean): void {
  const problem = allowPort ? issuerProblem(issuer) : iamIssuerProblem(issuer);
  if (!problem) return;
  throw new PodroleError({
    code: 'INVALID_ISSUER',
    object: `issuer ${issuer}`,
    problem,
    remedy: 'give the API servers a --service-account-issuer that IAM accepts, and the same one here',
  });
}
