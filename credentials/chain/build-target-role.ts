import { hasTrustPolicy, type RoleArn } from '../../lib/arn.ts';
import { IAM_TAG_RULES } from '../../lib/contract/iam.ts';
import { type Fault, PodroleError, throwIfAny } from '../../lib/errors.ts';
import {
  CLUSTER_NAME,
  CLUSTER_NAME_RULE,
  type ExternalIdParts,
  externalIdOf,
  SESSION_TAG,
} from '../../lib/target-role.ts';
import type { TargetRole } from './target-role.ts';

/** Pod whose role assumes a target role. */
export interface TargetRequest extends Omit<ExternalIdParts, 'clusterName'> {
  readonly targetRole: RoleArn;
  /** Undefined if `--cluster-name` is not given, which a target role needs. */
  readonly clusterName: string | undefined;
  readonly podName: string;
  readonly podUid: string;
  readonly hasSessionTags: boolean;
}

/**
 * Builds what STS is asked for besides the role: external id and session tags.
 * @throws PodroleError `MISSING_SETTING` without a cluster name; `INVALID_SETTING` for a cluster name or tag
 *   that STS does not take, or a role of another partition
 */
export function buildTargetRole(request: TargetRequest): TargetRole {
  requireSamePartition(request);
  const clusterName = checkedClusterName(request.clusterName);
  const tags = {
    [SESSION_TAG.namespace]: request.namespace,
    [SESSION_TAG.serviceAccount]: request.serviceAccountName,
    [SESSION_TAG.podName]: request.podName,
    [SESSION_TAG.podUid]: request.podUid,
    [SESSION_TAG.cluster]: clusterName,
  };
  if (request.hasSessionTags) throwIfAny(Object.entries(tags).flatMap(tagFaults));
  return {
    roleArn: request.targetRole.arn,
    externalId: externalIdOf({ ...request, clusterName }),
    tags: request.hasSessionTags ? tags : undefined,
  };
}

/** No session of one partition can assume a role of another. MinIO assumes no roles by their ARN. */
function requireSamePartition({ role, targetRole }: TargetRequest): void {
  if (role.partition === targetRole.partition && hasTrustPolicy(role)) return;
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object: `target role ${targetRole.arn}`,
    problem: hasTrustPolicy(role)
      ? `is in another partition than ${role.arn}, which cannot assume it`
      : `cannot be assumed by ${role.arn}: MinIO has no trust policies`,
    remedy: 'name a role that the own role can assume, or none',
  });
}

function checkedClusterName(name: string | undefined): string {
  const object = '--cluster-name';
  if (name === undefined) {
    const problem = 'is not set, but a target role needs it for its external id and session tags';
    const remedy = 'give the name of this cluster';
    throw new PodroleError({ code: 'MISSING_SETTING', object, problem, remedy });
  }
  if (CLUSTER_NAME.test(name)) return name;
  const problem = `is ${JSON.stringify(name)}, must be ${CLUSTER_NAME_RULE}`;
  throw new PodroleError({ code: 'INVALID_SETTING', object, problem, remedy: 'give another name' });
}

const { maxValueLength, characters } = IAM_TAG_RULES;

function tagFaults([key, value]: readonly [string, string]): readonly Fault[] {
  if (value !== '' && value.length <= maxValueLength && characters.test(value)) return [];
  return [
    {
      code: 'INVALID_SETTING',
      object: `session tag ${key}`,
      problem: `is ${JSON.stringify(value.slice(0, maxValueLength))}, must be 1 to ${maxValueLength} characters that a tag may contain`,
      remedy: 'correct it, or assume the target role without session tags',
    },
  ];
}
