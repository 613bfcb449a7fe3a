import {
  GetRoleCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';

/** A role as IAM returns it. */
interface RoleInIam {
  readonly arn: string;
  readonly trust: TrustPolicy;
  readonly maxSessionDurationSeconds: number;
  readonly tags: Readonly<Record<string, string>>;
  /** ARNs of managed policies, sorted. */
  readonly attached: readonly string[];
  /** Names of inline policies, sorted. */
  readonly inline: readonly string[];
}

interface TrustPolicy {
  readonly Version: string;
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
}

/** @returns undefined if the role does not exist */
export async function readRoleInIam(iam: IAMClient, RoleName: string): Promise<RoleInIam | undefined> {
  try {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    return {
      arn: Role?.Arn ?? '',
      trust: JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')),
      maxSessionDurationSeconds: Role?.MaxSessionDuration ?? 0,
      tags: Object.fromEntries((Role?.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
      attached: AttachedPolicies.map(({ PolicyArn = '' }) => PolicyArn).sort(),
      inline: PolicyNames.toSorted(),
    };
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === 'NoSuchEntityException') return undefined;
    throw thrown;
  }
}
