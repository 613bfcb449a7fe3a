import { IAMClient } from '@aws-sdk/client-iam';
import { parseRoleArn } from '../../lib/arn.ts';
import { type Fault, throwIfAny } from '../../lib/errors.ts';
import { CLUSTER_NAME, CLUSTER_NAME_RULE } from '../../lib/target-role.ts';
import type { TargetIam } from '../iam/target-iam.ts';
import type { BindSettings } from '../settings.ts';
import type { Binding } from './binding.ts';

/** Settings from which external ids and session tags are made. */
export type TargetSettings = Pick<BindSettings, 'clusterName' | 'region' | 'targetProfile'>;

/**
 * Returns the region of the pods' STS, which only target roles need: `--region`, else that of the AWS
 * settings.
 * @throws PodroleError `MISSING_SETTING`, `INVALID_SETTING` if bindings have target roles and a setting that
 *   they need is missing or wrong
 */
export async function targetRegion(
  bindings: readonly Binding[],
  { clusterName, region, targetProfile }: TargetSettings,
): Promise<string | undefined> {
  const faults: Fault[] = [];
  const [first] = bindings.filter(({ targetRoleArn }) => targetRoleArn !== undefined);
  if (!first) {
    if (targetProfile !== undefined) faults.push(isForTargets('--target-profile'));
    throwIfAny(faults);
    // PODROLE_REGION may be set for other commands: without a target role it has no effect.
    return undefined;
  }
  const found = region ?? (await regionOfAwsSettings());
  if (clusterName === undefined) {
    const problem = 'is not set, and the external id of a target role contains it';
    const remedy = 'give the --cluster-name that the webhook and the agent have';
    faults.push({ code: 'MISSING_SETTING', object: '--cluster-name', problem, remedy });
  } else if (!CLUSTER_NAME.test(clusterName)) {
    const problem = `is ${JSON.stringify(clusterName)}, which external ids and session tags cannot contain`;
    faults.push({
      code: 'INVALID_SETTING',
      object: '--cluster-name',
      problem,
      remedy: `give ${CLUSTER_NAME_RULE}`,
    });
  }
  if (found === undefined) {
    const problem = 'is not set, and the external id of a target role contains it';
    const remedy = 'give the region of the STS that the pods ask';
    faults.push({ code: 'MISSING_SETTING', object: '--region', problem, remedy });
  }
  throwIfAny(faults);
  return found;
}

/**
 * Refuses a profile that is of no use: no target role is in its account.
 * @throws PodroleError `INVALID_SETTING`
 */
export function checkTargetProfile(targets: readonly string[], opened: TargetIam | undefined): void {
  if (!opened) return;
  const accounts = [...new Set(targets.map((arn) => parseRoleArn(arn)?.account ?? ''))];
  const { accountId } = opened.account;
  if (accounts.includes(accountId)) return;
  throwIfAny([
    {
      code: 'INVALID_SETTING',
      object: '--target-profile',
      problem: `has credentials of account ${accountId}, and the target role is in account ${accounts.join(', ')}`,
      remedy: 'give a profile of that account, or leave it out',
    },
  ]);
}

function isForTargets(object: string): Fault {
  const problem = 'is for target roles, and none is named';
  return { code: 'INVALID_SETTING', object, problem, remedy: 'give --target-role-arn too, or leave it out' };
}

/** Region of AWS_REGION or of the profile, as the SDK finds it. */
async function regionOfAwsSettings(): Promise<string | undefined> {
  const client = new IAMClient({});
  try {
    return await client.config.region();
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}
