import { issuerHostPath } from '../../lib/issuer.ts';
import { asObject } from '../../lib/json/json.ts';
import { globMatches } from '../../lib/text/glob.ts';
import { isAboutAction, type Outcome, type StatementResult } from '../../sts/trust-policy.ts';
import type { TrustEntry } from './trust-entry.ts';
import { federatedOf, isOfIssuer } from './trust-policy-parts.ts';
import { WEB_IDENTITY_ACTION } from './trust-statement.ts';

/** A statement with elements that podrole does not know applies, unless it is certainly about others. */
export function judgeUnread(raw: unknown, at: number, entry: TrustEntry): StatementResult {
  const { Sid, Effect } = asObject(raw) ?? {};
  const effect = Effect === 'Deny' ? 'Deny' : 'Allow';
  const mayApply = mayBeWebIdentity(raw) && mayBePrincipal(raw, entry.issuer) && mayBeAbout(raw, entry);
  const outcome: Outcome = mayApply ? 'restricted' : 'no';
  const reason = mayApply ? 'it has elements that podrole does not know' : 'it is about other tokens';
  const name = typeof Sid === 'string' && Sid !== '' ? Sid : `Statement[${at}]`;
  return { name, effect, outcome, conditions: [], reason };
}

function mayBePrincipal(raw: unknown, issuer: string): boolean {
  const { Principal, NotPrincipal } = asObject(raw) ?? {};
  return NotPrincipal !== undefined || isForEveryone(Principal) || isOfIssuer(raw, issuer);
}

function isForEveryone(principal: unknown): boolean {
  return [principal, Object.values(asObject(principal) ?? {})].flat(2).includes('*');
}

/** False if the Action, which podrole can read, is about other calls. */
function mayBeWebIdentity(raw: unknown): boolean {
  const { Action, NotAction } = asObject(raw) ?? {};
  const actions = [Action].flat().filter((action) => typeof action === 'string');
  if (NotAction !== undefined || actions.length === 0) return true;
  return isAboutAction({ actions, isNotAction: false }, WEB_IDENTITY_ACTION);
}

/** True if a statement that podrole cannot read may let in tokens of some OIDC provider. */
export function mayLetInWebIdentities(raw: unknown): boolean {
  const { Effect, Principal, NotPrincipal } = asObject(raw) ?? {};
  const mayBeProvider =
    NotPrincipal !== undefined ||
    isForEveryone(Principal) ||
    federatedOf(raw).some((arn) => arn.includes(':oidc-provider/'));
  return Effect !== 'Deny' && mayBeProvider && mayBeWebIdentity(raw);
}

/** False if StringEquals or StringLike demand other subjects. */
function mayBeAbout(raw: unknown, { issuer, subject }: TrustEntry): boolean {
  const wanted = `${issuerHostPath(issuer)}:sub`.toLowerCase();
  const block = asObject(asObject(raw)?.['Condition']) ?? {};
  const subjects = ['StringEquals', 'StringLike'].flatMap((operator) =>
    Object.entries(asObject(block[operator]) ?? {}).filter(([key]) => key.toLowerCase() === wanted),
  );
  return subjects.every(([, values]) =>
    [values].flat().some((value) => typeof value !== 'string' || globMatches(value, subject)),
  );
}
