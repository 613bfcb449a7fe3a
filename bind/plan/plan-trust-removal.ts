import { asObject, asText } from '../../lib/json/json.ts';
import { globMatches } from '../../lib/text/glob.ts';
import type { RoleSummary } from '../iam/iam-facts.ts';
import { policySize } from '../iam/policy-size.ts';
import { readStatement } from '../trust/covers-entry.ts';
import { subjectOf } from '../trust/describe-subject.ts';
import { isTargetSid } from '../trust/target/target-statement.ts';
import { statementsOf } from '../trust/trust-policy-parts.ts';
import { entrySid, isOurSid } from '../trust/trust-statement.ts';
import type { PlanStep } from './plan-step.ts';

export interface TrustRemoval {
  readonly steps: readonly PlanStep[];
  /** No statement would be left, and IAM refuses such a policy. */
  readonly isEmpty: boolean;
  /** Statements of podrole for other ServiceAccounts, containers or clusters are left: they use the role. */
  readonly othersLeft: boolean;
}

export interface TrustToRemove {
  readonly issuer: string;
  readonly namespace: string;
  readonly name: string;
  /** Container whose own role it is; left out for the role of the whole pod. */
  readonly container?: string | undefined;
  /** Containers of the ServiceAccount with roles of their own, whose statements stay. Left out: none. */
  readonly containers?: readonly string[];
  /**
   * The role is for this ServiceAccount, or container, alone, so statements for its other issuers and with a
   * subject pattern are removed too.
   */
  readonly isOwn: boolean;
}

/** Removes podrole's statements for a ServiceAccount from a trust policy. */
export function planTrustRemoval(
  { name: role, trustPolicy }: RoleSummary,
  { issuer, namespace, name, container, containers = [], isOwn }: TrustToRemove,
): TrustRemoval {
  const policy = asObject(trustPolicy);
  const statements = statementsOf(policy);
  const subject = subjectOf(namespace, name);
  const sid = entrySid({ issuer, subject, container });
  const isSameContainer = (statement: unknown) => containerOf(statement, containers) === container;
  const kept = statements.filter((statement) => {
    const found = asText(asObject(statement)?.['Sid']);
    return (
      found !== sid && !(isOwn && isOurSid(found) && letsIn(statement, subject) && isSameContainer(statement))
    );
  });
  const isOther = (statement: unknown) => {
    const other = asObject(statement)?.['Sid'];
    return isOurSid(other) || isTargetSid(other);
  };
  const othersLeft = kept.some(isOther);
  if (kept.length === statements.length) return { steps: [], isEmpty: false, othersLeft };
  const after = { ...policy, Statement: kept };
  const step: PlanStep = {
    object: `role ${role}`,
    action: `change the trust policy to ${policySize(after)} characters`,
    document: { name: 'trust policy', before: policy, after },
    call: {
      service: 'iam',
      operation: 'UpdateAssumeRolePolicy',
      input: { RoleName: role, PolicyDocument: JSON.stringify(after) },
    },
  };
  return { steps: [step], isEmpty: kept.length === 0, othersLeft };
}

/** Returns the container that a statement of podrole is for, which its Sid and its audience show. */
function containerOf(statement: unknown, known: readonly string[]): string | undefined {
  const sid = asText(asObject(statement)?.['Sid']);
  const conditions = readStatement(statement)?.conditions ?? [];
  const valuesOf = (claim: RegExp) =>
    conditions.filter(({ key }) => claim.test(key)).flatMap(({ expected }) => expected);
  const issuers = conditions.flatMap(({ key }) => (/:sub$/i.test(key) ? [key.replace(/:sub$/i, '')] : []));
  const named = valuesOf(/:aud$/i).map((audience) => audience.slice(audience.lastIndexOf('/') + 1));
  return [...new Set([...named, ...known])].find((container) =>
    issuers.some((issuer) =>
      valuesOf(/:sub$/i).some((subject) => entrySid({ issuer, subject, container }) === sid),
    ),
  );
}

function letsIn(statement: unknown, subject: string): boolean {
  const conditions = readStatement(statement)?.conditions ?? [];
  return conditions.some(
    ({ key, expected }) => /:sub$/i.test(key) && expected.every((pattern) => globMatches(pattern, subject)),
  );
}
