import { issuerHostPath } from '../../lib/issuer.ts';
import { asObject } from '../../lib/json/json.ts';
import { globMatches } from '../../lib/text/glob.ts';
import { describeDecision, evaluateTrustPolicy, type TrustDecision } from '../../sts/trust-policy.ts';
import { readStatement } from '../trust/covers-entry.ts';
import { isOfIssuer, statementsOf } from '../trust/merge-trust-policy.ts';
import type { TrustEntry } from '../trust/trust-entry.ts';
import { trustFindings } from '../trust/trust-findings.ts';
import { WEB_IDENTITY_ACTION } from '../trust/trust-statement.ts';
import type { BindingRow } from './binding-row.ts';

type Verdict = Pick<BindingRow, 'details'> & {
  readonly state: 'bound' | 'drifted' | 'foreign issuer' | 'wildcard';
};

/** Findings that let in too many. The others are remarks. */
const LETS_IN_TOO_MANY = ['NO_AUDIENCE', 'NO_SUBJECT', 'WILDCARD_AUDIENCE', 'WILDCARD_SUBJECT'];

/**
 * Returns the verdict of a trust policy on a ServiceAccount's token. It is evaluated as STS does: a policy
 * with the same effect is as good as podrole's own.
 * @param policy JSON value
 */
export function judgeTrust(policy: unknown, entry: TrustEntry): Verdict {
  const { issuer } = entry;
  const raw = statementsOf(asObject(policy));
  const statements = raw.map(readStatement).filter((statement) => statement !== undefined);
  const notRead = raw.length - statements.length;
  const notes =
    notRead > 0 ? [`ignored, because podrole cannot read them: ${notRead} of ${raw.length} statements`] : [];
  const key = issuerHostPath(issuer);
  const decision = evaluateTrustPolicy(
    { statements },
    {
      action: WEB_IDENTITY_ACTION,
      federatedPrincipal: entry.providerArn,
      context: { [`${key}:sub`]: entry.subject, [`${key}:aud`]: entry.audience },
    },
  );
  if (!decision.allowed) {
    if (raw.some((statement) => isOfIssuer(statement, issuer))) {
      return { state: 'drifted', details: [...reasonsOf(decision), ...notes] };
    }
    const others = trustedIssuers(policy);
    return others.length > 0
      ? { state: 'foreign issuer', details: [`trusts ${others.join(', ')}`, ...notes] }
      : { state: 'drifted', details: ['trusts no issuer', ...notes] };
  }
  const { tooMany, details } = securityOf(policy, issuer);
  const mayDeny = raw.some((item) => !readStatement(item) && asObject(item)?.['Effect'] === 'Deny');
  return { state: tooMany ? 'wildcard' : 'bound', details: mayDeny ? [...details, ...notes] : details };
}

/**
 * Returns the statement that denies, else the conditions that failed, else the reasons why no statement
 * matches.
 */
function reasonsOf(decision: TrustDecision): readonly string[] {
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
  const open = statementsOf(asObject(policy))
    .map(readStatement)
    .filter(
      (statement) =>
        statement?.effect === 'Allow' &&
        statement.federated === '*' &&
        statement.actions.some((action) =>
          globMatches(action.toLowerCase(), WEB_IDENTITY_ACTION.toLowerCase()),
        ),
    );
  return {
    tooMany: open.length > 0 || findings.some(({ code }) => LETS_IN_TOO_MANY.includes(code)),
    details: [
      ...open.map(() => 'a statement names no provider: tokens of every issuer of the account get in'),
      ...findings.map(({ statement, text }) => `${statement} ${text}`),
    ],
  };
}

/** Returns the issuers whose OIDC providers a trust policy names. */
export function trustedIssuers(policy: unknown): readonly string[] {
  const issuers = statementsOf(asObject(policy)).flatMap((raw) => {
    const federated = readStatement(raw)?.federated ?? [];
    return (federated === '*' ? [] : federated).flatMap((arn) => {
      const [, hostPath] = /^arn:[^:]+:iam::[\w.-]*:oidc-provider\/(.+)$/.exec(arn) ?? [];
      return hostPath ? [`https://${hostPath}`] : [];
    });
  });
  return [...new Set(issuers)];
}

/** Returns the subjects of an issuer that a trust policy names one by one. */
export function namedSubjects(policy: unknown, issuer: string): readonly string[] {
  const key = `${issuerHostPath(issuer)}:sub`.toLowerCase();
  return statementsOf(asObject(policy))
    .filter((raw) => isOfIssuer(raw, issuer))
    .flatMap((raw) => readStatement(raw)?.conditions ?? [])
    .filter(
      (condition) =>
        condition.key.toLowerCase() === key && /^String(Equals|Like)$/.test(condition.operator.comparison),
    )
    .flatMap(({ expected }) => expected.filter((subject) => !/[*?]/.test(subject)));
}
