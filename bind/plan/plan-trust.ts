import { asObject } from '../../lib/json/json.ts';
import type { RoleSummary } from '../iam/iam-facts.ts';
import { policySize } from '../iam/policy-size.ts';
import { mergeTrustPolicy, type TrustOptions } from '../trust/merge-trust-policy.ts';
import { trustFindings } from '../trust/trust-findings.ts';
import { trustPolicySizeFault } from '../trust/trust-policy-size.ts';
import { EMPTY_PLAN, type Plan, type PlanStep } from './plan-step.ts';
import { trustRemarks } from './trust-remarks.ts';

/**
 * Plans the trust policy of an existing role.
 * @param limit the account's quota for a trust policy, in characters
 */
export function planTrust(role: RoleSummary, options: TrustOptions, limit: number): Plan {
  const before = role.trustPolicy;
  if (!asObject(before)) {
    const problem = 'cannot be read: it is not a JSON object';
    const remedy = 'give the role a trust policy in JSON; podrole does not replace what it cannot read';
    const object = `trust policy of role ${role.name}`;
    return { ...EMPTY_PLAN, faults: [{ code: 'UNREADABLE_TRUST_POLICY', object, problem, remedy }] };
  }
  const after = mergeTrustPolicy(before, options);
  const fault = after === before ? undefined : trustPolicySizeFault(after, role.name, limit);
  const steps: PlanStep[] =
    after === before
      ? []
      : [
          {
            object: `role ${role.name}`,
            action: `change the trust policy to ${policySize(after)} of at most ${limit} characters`,
            document: { name: 'trust policy', before, after },
            call: {
              service: 'iam',
              operation: 'UpdateAssumeRolePolicy',
              input: { RoleName: role.name, PolicyDocument: JSON.stringify(after) },
            },
          },
        ];
  const { notes, notDone } = trustRemarks(role.name, before, after, options);
  return {
    steps,
    notes: [...trustNotes(role.name, after, options), ...notes],
    notDone,
    faults: fault ? [fault] : [],
  };
}

/** Returns what deserves a look in the trust policy as it will be. */
export function trustNotes(
  role: string,
  policy: unknown,
  { trustEntries, dropIssuers }: TrustOptions,
): readonly string[] {
  const issuers = [...new Set([...trustEntries.map(({ issuer }) => issuer), ...dropIssuers])];
  return issuers.flatMap((issuer) =>
    trustFindings(policy, issuer).map(
      ({ statement, text }) => `role ${role}: ${statement} of its trust policy ${text}`,
    ),
  );
}
