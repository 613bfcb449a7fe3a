import {
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { parseRoleArn } from '../../lib/arn.ts';
import type { Progress } from '../../lib/surroundings.ts';
import { mapLimited } from '../facts/map-limited.ts';
import { iamError, isAbsent, isUnsupported } from '../iam/iam-fault.ts';
import { IAM_READS_AT_ONCE } from '../iam/open-iam.ts';
import type { BindingRow } from './binding-row.ts';

const BARE = 'role without policies: it allows nothing, unless the policy of a resource names it';

/**
 * Adds a remark to each bound row whose role has neither a managed nor an inline policy. A role whose
 * policies cannot be read, since a right or the call is missing, gets no remark.
 * @throws PodroleError if IAM fails for another reason; see iam-fault.ts
 */
export async function markBareRoles(
  rows: readonly BindingRow[],
  iam: IAMClient,
  progress: Progress,
): Promise<readonly BindingRow[]> {
  const bound = new Set(
    rows.flatMap(({ state, roleArn }) => (state === 'bound' && roleArn ? [roleArn] : [])),
  );
  const bare = new Set<string>();
  const read = async (arn: string) => {
    if (await isBare(iam, parseRoleArn(arn)?.name ?? '')) bare.add(arn);
  };
  await mapLimited([...bound], IAM_READS_AT_ONCE, read, (done) =>
    progress.show('reading policies of roles', done, bound.size),
  );
  return rows.map((row) =>
    row.state === 'bound' && bare.has(row.roleArn ?? '') ? { ...row, details: [...row.details, BARE] } : row,
  );
}

async function isBare(iam: IAMClient, name: string): Promise<boolean> {
  try {
    const { PolicyNames: inline = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: name }));
    if (inline.length > 0) return false;
    const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: name }));
    return attached.AttachedPolicies?.length === 0;
  } catch (thrown) {
    if (isAbsent(thrown) || isUnsupported(thrown)) return false;
    const error = iamError(thrown, { operation: 'ListRolePolicies', object: `role ${name}` });
    if (error.code === 'IAM_ACCESS_DENIED') return false;
    throw error;
  }
}
