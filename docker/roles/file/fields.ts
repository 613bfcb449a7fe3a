import type { RoleArn } from '../../../lib/arn.ts';
import { SESSION_POLICY } from '../../../lib/contract/sts.ts';
import { type FieldType, text } from '../../../lib/yaml/fields.ts';
import { isAllowed } from '../allowed-roles.ts';
import type { RoleRules } from '../choose-role.ts';
import { RULE_TEXT_MAX_LENGTH } from '../container-rule.ts';
import { readRole } from '../read-role.ts';
import { sessionPolicyProblem } from '../session-policy.ts';

/** A pattern that must be able to match; else the rule would have no effect, and nobody would notice. */
function pattern(allowed: RegExp, what: string, remedy: string): FieldType<string> {
  return (value, path, report) => {
    const given = text(value, path, report);
    if (given === undefined) return undefined;
    if (given.length <= RULE_TEXT_MAX_LENGTH && allowed.test(given)) return given;
    report.fault(path, `cannot match ${what}`, remedy);
    return undefined;
  };
}

/** An IAM policy as a mapping; its value is JSON. */
export const sessionPolicyField: FieldType<string> = (value, path, report) => {
  const given = JSON.stringify(value);
  const problem = sessionPolicyProblem(given);
  if (problem === undefined) return given;
  const remedy = `write an IAM policy with Version and Statement, at most ${SESSION_POLICY.maxLength} characters as JSON`;
  report.fault(path, problem, remedy);
  return undefined;
};

/** Fields of a rule that select containers. */
export const matcherFields = {
  container: pattern(
    /^[\w.?*-]+$/,
    'the name of a container',
    'write it as docker ps shows it, with * and ? as wildcards',
  ),
  service: pattern(
    /^[\w.?*-]+(?:\/[\w.?*-]+)?$/,
    'a service of Compose',
    'write SERVICE or PROJECT/SERVICE, with * and ? as wildcards',
  ),
  image: pattern(/^[!-~]+$/, 'an image', 'write it as docker run takes it, with * and ? as wildcards'),
} as const;

/** Returns the field that names a role. */
export function roleField({
  allow,
  baseRoleArn,
}: Pick<RoleRules, 'allow' | 'baseRoleArn'>): FieldType<RoleArn> {
  return (value, path, report) => {
    const given = text(value, path, report);
    if (given === undefined) return undefined;
    const read = readRole(given, baseRoleArn);
    if (!read.ok) report.fault(path, read.problem, read.remedy);
    else if (allow.length > 0 && !isAllowed(read.role.arn, allow)) {
      report.fault(path, 'is a role that no pattern of --allow matches', 'allow it, or take the rule out');
    } else return read.role;
    return undefined;
  };
}
