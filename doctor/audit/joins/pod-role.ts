import { baseRoleArnOf } from '../../../identity/pod-role/read-pod-role.ts';
import { composeRoleArn } from '../../../lib/arn.ts';
import { roleArnOf } from '../../../policy/complete-role.ts';
import type { AuditJudgement, AuditPod } from '../facts/audit-facts.ts';
import type { IamIndex } from './judge-grant.ts';

/** Returns the role that the annotation of a pod names; undefined if it names none, or cannot be one. */
export type PodRoleReader = (pod: Pick<AuditPod, 'kube2iamRole'>) => string | undefined;

/** Completes names as the webhook does, else by the account whose roles were read, as kube2iam does. */
export function podRoleReader(
  { account }: Pick<IamIndex, 'account'>,
  settings: AuditJudgement,
): PodRoleReader {
  const { accountId = '', partition = 'aws' } = account ?? {};
  const base =
    baseRoleArnOf({ ...settings, baseRoleArn: settings.roleRules?.baseRoleArn }) ??
    composeRoleArn('', accountId, partition);
  const known = new Map<string, string | undefined>();
  return ({ kube2iamRole: given }) => {
    if (!given) return undefined;
    if (!known.has(given)) known.set(given, roleArnOf(given, base));
    return known.get(given);
  };
}
