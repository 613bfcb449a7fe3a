import { readStatement } from '../../../bind/trust/covers-entry.ts';
import { mayLetInWebIdentities } from '../../../bind/trust/judge-unread.ts';
import { withoutMisspeltKeys } from '../../../bind/trust/misspelt-keys.ts';
import { federatedOf, statementsOf } from '../../../bind/trust/trust-policy-parts.ts';
import { WEB_IDENTITY_ACTION } from '../../../bind/trust/trust-statement.ts';
import { issuerHostPath } from '../../../lib/issuer.ts';
import { asObject } from '../../../lib/json/json.ts';
import { hasVariable, type Statement } from '../../../sts/policy-document.ts';
import { isAboutAction } from '../../../sts/trust-policy.ts';
import type { AuditRole } from '../facts/audit-facts.ts';

/** A role with those statements of its trust policy that let in web identities. */
export interface TrustingRole {
  readonly role: AuditRole;
  readonly statements: readonly Statement[];
  /** True if a further statement may let in anybody: podrole cannot read it, or it has NotPrincipal. */
  readonly isUnclear: boolean;
}

/** Roles that let in web identities, by the ARN of the OIDC provider. */
export interface TrustingRoles {
  readonly byProvider: ReadonlyMap<string, readonly TrustingRole[]>;
  /** Roles with a statement for `*`, which lets in the tokens of every provider. */
  readonly ofEveryProvider: readonly TrustingRole[];
  /** Roles with an unclear statement that names no provider. */
  readonly ofUnclearProvider: readonly TrustingRole[];
}

/** Indexes roles by the providers that their trust policies name. */
export function indexTrustingRoles(roles: readonly AuditRole[]): TrustingRoles {
  const byProvider = new Map<string, TrustingRole[]>();
  const ofEveryProvider: TrustingRole[] = [];
  const ofUnclearProvider: TrustingRole[] = [];
  for (const role of roles) {
    const read = statementsOf(asObject(role.trustPolicy)).map((raw) => ({
      raw,
      // Misspelt keys hold for nobody, or for everybody.
      statement: readStatement(withoutMisspeltKeys(raw).rest),
    }));
    const statements = read.flatMap(({ statement }) => statement ?? []).filter(letsInWebIdentities);
    const unclear = read.filter(({ raw, statement }) =>
      statement ? letsInAllButSome(statement) : mayLetInWebIdentities(raw),
    );
    const trusting = { role, statements, isUnclear: unclear.length > 0 };
    if (statements.some(({ federated }) => federated === '*')) ofEveryProvider.push(trusting);
    if (unclear.some(({ raw }) => federatedOf(raw).length === 0)) ofUnclearProvider.push(trusting);
    const providers = [
      ...statements.flatMap(({ federated }) => (federated === '*' ? [] : federated)),
      ...unclear.flatMap(({ raw }) => federatedOf(raw)),
    ];
    for (const arn of new Set(providers)) {
      const known = byProvider.get(arn);
      if (known) known.push(trusting);
      else byProvider.set(arn, [trusting]);
    }
  }
  return { byProvider, ofEveryProvider, ofUnclearProvider };
}

function letsInWebIdentities(statement: Statement): boolean {
  return isAllow(statement) && !statement.isNotPrincipal && statement.federated.length > 0;
}

function letsInAllButSome(statement: Statement): boolean {
  return isAllow(statement) && statement.isNotPrincipal;
}

function isAllow(statement: Statement): boolean {
  return statement.effect === 'Allow' && isAboutAction(statement, WEB_IDENTITY_ACTION);
}

/** Subjects that a role may let in: a superset of those that it does let in. */
export interface CandidateSubjects {
  readonly everyone: boolean;
  readonly exact: ReadonlySet<string>;
  readonly patterns: ReadonlySet<string>;
}

/** Returns the subjects of an issuer that may get in, by the conditions on `sub` alone. */
export function candidateSubjects(
  { statements, isUnclear }: TrustingRole,
  issuer: string,
  providerArn: string,
): CandidateSubjects {
  const key = `${issuerHostPath(issuer)}:sub`.toLowerCase();
  const exact = new Set<string>();
  const patterns = new Set<string>();
  let everyone = isUnclear;
  for (const { federated, conditions } of statements) {
    if (federated !== '*' && !federated.includes(providerArn)) continue;
    // All conditions must hold, so one of them is enough for a superset.
    const limiting = conditions.find(
      ({ key: of, operator, expected }) =>
        of.toLowerCase() === key &&
        /^String(Equals|EqualsIgnoreCase|Like)$/.test(operator.comparison) &&
        // Nobody knows what IAM puts in place of a variable.
        !expected.some(hasVariable),
    );
    if (!limiting) {
      everyone = true;
      continue;
    }
    const { comparison } = limiting.operator;
    for (const value of limiting.expected) {
      if (comparison === 'StringLike' && /[*?]/.test(value)) patterns.add(value);
      else exact.add(comparison.endsWith('IgnoreCase') ? value.toLowerCase() : value);
    }
  }
  return { everyone, exact, patterns };
}
