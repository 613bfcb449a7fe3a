import { issuerHostPath } from '../../lib/issuer.ts';
import { asObject } from '../../lib/json/json.ts';
import { hasVariable } from '../../sts/policy-document.ts';
import {
  describeCondition,
  describeDecision,
  isAboutAction,
  type TrustDecision,
} from '../../sts/trust-policy.ts';
import { readStatement } from '../trust/covers-entry.ts';
import { judgeEntry } from '../trust/judge-entry.ts';
import type { TrustEntry } from '../trust/trust-entry.ts';
import { trustFindings } from '../trust/trust-findings.ts';
import { federatedOf, isOfIssuer, statementsOf } from '../trust/trust-policy-parts.ts';
import { WEB_IDENTITY_ACTION } from '../trust/trust-statement.ts';
import type { BindingRow } from './binding-row.ts';

type Verdict = Pick<BindingRow, 'details'> & {
  readonly state: 'bound' | 'restricted' | 'drifted' | 'foreign issuer' | 'wildcard';
};

/** Findings that let in too many. The others are remarks. */
const LETS_IN_TOO_MANY = ['NO_AUDIENCE', 'NO_SUBJECT', 'WILDCARD_AUDIENCE', 'WILDCARD_SUBJECT'];

/**
 * Returns the verdict of a trust policy on a ServiceAccount's token. It is evaluated as STS does: a policy
 * with the same effect is as good as podrole's own.
 * @param policy JSON value
 * @param now for conditions on the time
 */
export function judgeTrust(policy: unknown, entry: TrustEntry, now: Date): Verdict {
  const decision = judgeEntry(policy, entry, now);
  const { tooMany, details } = securityOf(policy, entry.issuer);
  if (decision.outcome === 'no') return refusal(policy, entry, decision);
  const doubts = doubtsOf(decision);
  if (tooMany) return { state: 'wildcard', details: [...details, ...doubts] };
  return decision.outcome === 'yes'
    ? { state: 'bound', details }
    : { state: 'restricted', details: [...doubts, ...details] };
}

function refusal(policy: unknown, entry: TrustEntry, decision: TrustDecision): Verdict {
  if (statementsOf(asObject(policy)).some((statement) => isOfIssuer(statement, entry.issuer)))
    return { state: 'drifted', details: reasonsOf(decision) };
  const others = trustedIssuers(policy);
  return others.length > 0
    ? { state: 'foreign issuer', details: [`trusts ${others.join(', ')}`] }
    : { state: 'drifted', details: ['trusts no issuer'] };
}

/** Returns the conditions that podrole cannot check, of the statements on which the outcome depends. */
export function doubtsOf({ outcome, statements }: TrustDecision): readonly string[] {
  if (outcome !== 'restricted') return [];
  return statements
    .filter((statement) => statement.outcome === 'restricted')
    .map(({ name, effect, conditions, reason }) => {
      const unknown = conditions.filter((condition) => condition.outcome === 'restricted');
      const which = unknown.length > 0 ? unknown.map(describeCondition).join(', ') : reason;
      return `${name} ${effect === 'Deny' ? 'may deny it' : 'lets it in under conditions'}: ${which}`;
    });
}

/**
 * Returns the statement that denies, else the conditions that failed, else the reasons why no statement
 * matches.
 */
export function reasonsOf(decision: TrustDecision): readonly string[] {
  const [verdict = '', ...lines] = describeDecision(decision).split('\n');
  if (verdict.startsWith('denied by')) return [verdict];
  const conditions = lines.filter((line) => line.startsWith('  '));
  return (conditions.length > 0 ? conditions : lines).map((line) => line.trim());
}

/** Returns what a trust policy lets in besides single ServiceAccounts of an issuer. */
export function securityOf(
  policy: unknown,
  issuer: string,
): { readonly tooMany: boolean; readonly details: readonly string[] } {
  const findings = trustFindings(policy, issuer);
  const open = openStatements(policy);
  return {
    tooMany: open.length > 0 || findings.some(({ code }) => LETS_IN_TOO_MANY.includes(code)),
    details: [
      ...open.map(() => 'a statement names no provider: tokens of every issuer of the account get in'),
      ...findings.map(({ statement, text }) => `${statement} ${text}`),
    ],
  };
}

/** Returns the statements that let in tokens without naming a provider, by `Sid` or `Statement[N]`. */
export function openStatements(policy: unknown): readonly string[] {
  return statementsOf(asObject(policy)).flatMap((raw, at) => {
    const statement = readStatement(raw);
    const isOpen =
      statement?.effect === 'Allow' &&
      statement.federated === '*' &&
      !statement.isNotPrincipal &&
      isAboutAction(statement, WEB_IDENTITY_ACTION);
    return isOpen ? [statement.name.replace('Statement[0]', `Statement[${at}]`)] : [];
  });
}

/** Returns the issuers whose OIDC providers a trust policy names. */
export function trustedIssuers(policy: unknown): readonly string[] {
  const issuers = statementsOf(asObject(policy))
    .flatMap(federatedOf)
    .flatMap((arn) => {
      const [, hostPath] = /^arn:[^:]+:iam::[\w.-]*:oidc-provider\/(.+)$/.exec(arn) ?? [];
      return hostPath ? [`https://${hostPath}`] : [];
    });
  return [...new Set(issuers)];
}

/** Returns the subjects of an issuer that a trust policy lets in one by one. */
export function namedSubjects(policy: unknown, issuer: string): readonly string[] {
  const key = `${issuerHostPath(issuer)}:sub`.toLowerCase();
  return statementsOf(asObject(policy))
    .filter((raw) => isOfIssuer(raw, issuer))
    .flatMap((raw) => readStatement(raw) ?? [])
    .filter(({ effect }) => effect === 'Allow')
    .flatMap(({ conditions }) => conditions)
    .filter(
      (condition) =>
        condition.key.toLowerCase() === key && /^String(Equals|Like)$/.test(condition.operator.comparison),
    )
    .flatMap(({ expected }) => expected.filter((subject) => !/[*?]/.test(subject) && !hasVariable(subject)));
}
