import { GetPolicyCommand, GetPolicyVersionCommand, type IAMClient } from '@aws-sdk/client-iam';
import { iamError, isAbsent, isUnsupported } from './iam-fault.ts';
import { decodePolicy } from './read-role.ts';

/** A managed policy that a plan would attach or make a boundary. */
export interface PolicyFacts {
  readonly arn: string;
  /** `unknown` if these credentials may not ask, or the server has no such call. */
  readonly state: 'attachable' | 'not attachable' | 'missing' | 'unknown';
  /** Reason for `unknown`. */
  readonly reason?: string;
}

/**
 * Reads whether a managed policy exists.
 * @throws PodroleError if IAM cannot be reached, or refuses for another reason than a missing right
 */
export async function readPolicy(iam: IAMClient, arn: string): Promise<PolicyFacts> {
  try {
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
    return { arn, state: Policy?.IsAttachable === false ? 'not attachable' : 'attachable' };
  } catch (thrown) {
    // Only this code is the answer of IAM. Ceph's radosgw also answers 404 to a call that it lacks.
    if (thrown instanceof Error && /^NoSuchEntity/.test(thrown.name)) return { arn, state: 'missing' };
    const error = iamError(thrown, { operation: 'GetPolicy', object: `policy ${arn}` });
    const isOpen = isUnsupported(thrown) || isAbsent(thrown) || error.code === 'IAM_ACCESS_DENIED';
    if (!isOpen) throw error;
    return { arn, state: 'unknown', reason: error.faults[0]?.problem ?? '' };
  }
}

/**
 * Reads the document of a managed policy, in its default version; undefined if IAM says that the policy does
 * not exist.
 * @returns a JSON value, null if the document is not JSON
 * @throws PodroleError if it cannot be read; see iam-fault.ts
 */
export async function readPolicyDocument(iam: IAMClient, arn: string): Promise<unknown> {
  let operation = 'GetPolicy';
  try {
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
    operation = 'GetPolicyVersion';
    const VersionId = Policy?.DefaultVersionId ?? 'v1';
    const answer = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }));
    return decodePolicy(answer.PolicyVersion?.Document) ?? null;
  } catch (thrown) {
    if (isAbsent(thrown)) return undefined;
    throw iamError(thrown, { operation, object: `policy ${arn}` });
  }
}
