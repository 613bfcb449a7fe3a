import { parseRoleArn } from '../../lib/arn.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { externalIdOf, SESSION_TAG } from '../../lib/target-role.ts';
import type { Binding } from '../ask/binding.ts';
import type { InlinePolicy } from '../iam/inline-policy.ts';
import { TARGET_POLICY_NAME } from '../names.ts';
import { subjectOf } from '../trust/describe-subject.ts';
import type { TargetEntry } from '../trust/target/target-entry.ts';
import { targetActions } from '../trust/target/target-statement.ts';

/** Role that the role of a binding assumes for its pods. */
export interface DesiredTarget {
  readonly roleArn: string;
  /** Sessions that it must trust. */
  readonly entry: TargetEntry;
}

/** Values of a run that external ids and session tags contain. */
export interface TargetContext {
  readonly issuer: string;
  readonly clusterName: string | undefined;
  /** Region of the STS that the pods ask; undefined if no binding has a target role. */
  readonly region?: string | undefined;
}

/** Returns the target of a binding; undefined if it names none, or the run does not know the cluster. */
export function desiredTarget(
  binding: Binding,
  roleArn: string,
  { issuer, clusterName, region }: TargetContext,
): DesiredTarget | undefined {
  const { targetRoleArn, namespace, serviceAccount, sessionTags = true } = binding;
  const role = parseRoleArn(roleArn);
  if (targetRoleArn === undefined || clusterName === undefined || region === undefined || !role)
    return undefined;
  const tags = {
    [SESSION_TAG.namespace]: namespace,
    [SESSION_TAG.serviceAccount]: serviceAccount,
    [SESSION_TAG.cluster]: clusterName,
  };
  return {
    roleArn: targetRoleArn,
    entry: {
      issuer,
      subject: subjectOf(namespace, serviceAccount),
      roleArn,
      externalId: externalIdOf({
        region,
        role,
        clusterName,
        namespace,
        serviceAccountName: serviceAccount,
      }),
      tags: sessionTags ? tags : undefined,
    },
  };
}

/** Returns the inline policy by which the role of the pods may assume the target, and nothing else. */
export function targetPolicy({ roleArn, entry }: DesiredTarget): InlinePolicy {
  return {
    name: TARGET_POLICY_NAME,
    document: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: targetActions(entry.tags !== undefined), Resource: roleArn }],
    },
  };
}

/** Returns the annotations that name a target role. Tags are sent unless an annotation forbids it. */
export function targetAnnotations({
  targetRoleArn,
  sessionTags = true,
}: Pick<Binding, 'targetRoleArn' | 'sessionTags'>): Readonly<Record<string, string>> {
  if (targetRoleArn === undefined) return {};
  return {
    [PODROLE_ANNOTATION.targetRoleArn]: targetRoleArn,
    ...(sessionTags ? {} : { [PODROLE_ANNOTATION.sessionTags]: 'false' }),
  };
}
