import { policySize } from '../../../bind/iam/policy-size.ts';
import { parseRoleArn } from '../../../lib/arn.ts';
import { IAM_ROLE } from '../../../lib/contract/iam.ts';
import { shellWord } from '../../../lib/text/shell-word.ts';
import type { StepCommands } from '../parts/page.ts';
import type { StepFile } from '../parts/step-file.ts';
import type { MovedRole } from './moved-roles.ts';

const DENIAL = '3-clean-up/proxy-denial.json';
const DENIAL_NAME = 'podrole-migrate-denial';

/** Returns the trust policies without the proxy, and the ones of now to undo that. */
export function roleFiles(moved: readonly MovedRole[]): readonly StepFile[] {
  return moved.flatMap((one) => [
    { path: `3-clean-up/roles/${fileOf(one)}`, text: jsonText(one.after) },
    { path: `3-clean-up/undo/${fileOf(one)}`, text: jsonText(one.before) },
  ]);
}

export function roleCommands(moved: readonly MovedRole[]): StepCommands {
  const commandsOf = (of: 'roles' | 'undo') =>
    moved.map(
      (one) =>
        `aws iam update-assume-role-policy ${roleFlag(one.role.name)} ${shellWord(`--policy-document=file://3-clean-up/${of}/${fileOf(one)}`)}`,
    );
  return { run: commandsOf('roles'), verify: [], undo: commandsOf('undo') };
}

/**
 * Returns an inline policy by which the proxy's role can no longer assume the roles that have moved. One
 * command undoes it. Undefined if it would be longer than IAM accepts.
 */
export function denialFile(moved: readonly MovedRole[], proxyRoleArn: string): StepFile | undefined {
  if (moved.length === 0 || !parseRoleArn(proxyRoleArn)) return undefined;
  const Resource = moved.map(({ role }) => role.arn);
  const policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: 'sts:AssumeRole', Resource }],
  };
  return policySize(policy) > IAM_ROLE.maxInlinePoliciesLength
    ? undefined
    : { path: DENIAL, text: jsonText(policy) };
}

export function denialCommands(proxyRoleArn: string): StepCommands {
  const role = roleFlag(parseRoleArn(proxyRoleArn)?.name ?? '');
  return {
    run: [`aws iam put-role-policy ${role} --policy-name=${DENIAL_NAME} --policy-document=file://${DENIAL}`],
    verify: [`aws iam get-role-policy ${role} --policy-name=${DENIAL_NAME}`],
    undo: [`aws iam delete-role-policy ${role} --policy-name=${DENIAL_NAME}`],
  };
}

/** Returns the commands that show which policies let the proxy's role assume other roles. */
export function proxyPolicyCommands(proxyRoleArn: string): readonly string[] {
  const role = roleFlag(parseRoleArn(proxyRoleArn)?.name ?? '');
  return [`aws iam list-role-policies ${role}`, `aws iam list-attached-role-policies ${role}`];
}

/** The name of a role may begin with a hyphen. */
function roleFlag(name: string): string {
  return shellWord(`--role-name=${name}`);
}

function fileOf({ account, role }: MovedRole): string {
  return `role-${account}-${role.name}.json`;
}

function jsonText(policy: object): string {
  return `${JSON.stringify(policy, null, 2)}\n`;
}
