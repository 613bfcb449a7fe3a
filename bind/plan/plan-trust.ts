import { PodroleError } from '../../lib/errors.ts';
import { issuerHostPath } from '../../lib/issuer.ts';
import { asObject } from '../../lib/json/json.ts';
import { parseTrustPolicy } from '../../sts/policy-document.ts';
import { evaluateTrustPolicy } from '../../sts/trust-policy.ts';
import type { RoleSummary } from '../iam/iam-facts.ts';
import { policySize } from '../iam/policy-size.ts';
import { mergeTrustPolicy, type TrustOptions } from '../trust/merge-trust-policy.ts';
import type { TrustEntry } from '../trust/trust-entry.ts';
import { trustFindings } from '../trust/trust-findings.ts';
import { trustPolicySizeFault } from '../trust/trust-policy-size.ts';
import { WEB_IDENTITY_ACTION } from '../trust/trust-statement.ts';
import { EMPTY_PLAN, type Plan, type PlanStep } from './plan-step.ts';

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
  const notes = [
    ...trustNotes(role.name, after, options),
    ...denials(role.name, after, options.trustEntries),
  ];
  return { steps, notes, faults: fault ? [fault] : [] };
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

/** Returns notes about Deny statements that outweigh the statement which lets the token in. */
function denials(role: string, policy: unknown, trustEntries: readonly TrustEntry[]): readonly string[] {
  try {
    const parsed = parseTrustPolicy({ ...asObject(policy) });
    return trustEntries.flatMap(({ providerArn, issuer, subject, isPattern, audience }) => {
      const key = issuerHostPath(issuer);
      const { allowed, statements } = evaluateTrustPolicy(parsed, {
        action: WEB_IDENTITY_ACTION,
        federatedPrincipal: providerArn,
        context: { [`${key}:sub`]: subject, [`${key}:aud`]: audience },
      });
      const deny = statements.find(({ effect, matched }) => effect === 'Deny' && matched);
      return allowed || isPattern || !deny
        ? []
        : [`role ${role}: ${deny.name} of its trust policy denies ${subject}`];
    });
  } catch (thrown) {
    // The findings already report a statement that cannot be read.
    if (thrown instanceof PodroleError) return [];
    throw thrown;
  }
}
