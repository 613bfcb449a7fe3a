import { isIP } from 'node:net';
import { iamIssuerProblem, issuerProblem } from '../../lib/issuer.ts';
import { isPublicAddress } from './public-address.ts';

/** Names that only a cluster, a machine or a private network resolves. RFC 6761, RFC 6762, RFC 9476 */
const PRIVATE_NAME = /(^|\.)(svc|local|localhost|internal|home\.arpa|test|invalid|example)$/i;
/** Services of Kubernetes. */
const NAME_IN_CLUSTER = /(^|\.)cluster\.local$|\.svc$/i;

export interface IssuerRules {
  /** Accept a port, for Ceph radosgw. */
  readonly allowPort: boolean;
  /** Accept a host that the internet does not know: the STS is not that of AWS. */
  readonly allowPrivate: boolean;
}

export interface IssuerVerdict {
  /** `invalid`: nobody accepts it; `iam`: IAM refuses it; else the STS does not reach its host. */
  readonly kind: 'invalid' | 'iam' | 'in cluster' | 'private';
  /** The rest of a sentence that begins with the issuer. */
  readonly problem: string;
}

/** Returns why STS cannot verify tokens of an issuer; undefined if it can, as far as its URL shows. */
export function judgeIssuer(
  issuer: string,
  { allowPort, allowPrivate }: IssuerRules,
): IssuerVerdict | undefined {
  const problem = issuerProblem(issuer);
  if (problem) return { kind: 'invalid', problem };
  const refusal = allowPort ? undefined : iamIssuerProblem(issuer);
  if (refusal) return { kind: 'iam', problem: refusal };
  const host = judgeHost(new URL(issuer));
  return host?.kind === 'private' && allowPrivate ? undefined : host;
}

/** Returns why STS of AWS cannot reach the host of a URL, as far as its name shows; undefined if it may. */
export function judgeHost({ hostname }: URL): IssuerVerdict | undefined {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (NAME_IN_CLUSTER.test(host)) {
    return { kind: 'in cluster', problem: 'is a name inside the cluster, where no STS can fetch the keys' };
  }
  const isPrivate = isIP(host) ? !isPublicAddress(host) : !host.includes('.') || PRIVATE_NAME.test(host);
  return isPrivate ? { kind: 'private', problem: 'has a host that AWS STS cannot reach' } : undefined;
}
