import { isIP } from 'node:net';
import { iamIssuerProblem, issuerProblem } from '../../lib/issuer.ts';
import { isPublicAddress } from '../../oidc/verify/public-address.ts';

/** Names that only a cluster, a machine or a private network resolves. RFC 6761, RFC 6762, RFC 9476 */
const PRIVATE_NAME = /(^|\.)(svc|local|localhost|internal|home\.arpa|test|invalid|example)$/i;

export interface IssuerRules {
  /** Accept a port, for Ceph radosgw. */
  readonly allowPort: boolean;
  /** Accept a host that the internet does not know: the STS is not that of AWS. */
  readonly allowPrivate: boolean;
}

/** Returns why STS cannot verify tokens of an issuer, as the rest of a sentence; undefined if it can. */
export function judgeIssuer(issuer: string, { allowPort, allowPrivate }: IssuerRules): string | undefined {
  const problem = allowPort ? issuerProblem(issuer) : iamIssuerProblem(issuer);
  if (problem) return problem;
  const host = new URL(issuer).hostname.replace(/^\[|\]$/g, '');
  if (/(^|\.)cluster\.local$|\.svc$/.test(host)) {
    return 'is a name inside the cluster, where no STS can fetch the keys';
  }
  if (allowPrivate) return undefined;
  const isPrivate = isIP(host) ? !isPublicAddress(host) : !host.includes('.') || PRIVATE_NAME.test(host);
  return isPrivate ? 'has a host that AWS STS cannot reach' : undefined;
}
