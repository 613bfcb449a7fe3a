import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import type { Condition, Statement } from '../../sts/policy-document.ts';
import { samePolicy } from '../iam/same-policy.ts';
import { furtherConditions, hasCondition, namesEntry, readStatement } from './covers-entry.ts';
import type { TrustEntry } from './trust-entry.ts';
import { entryStatement, WEB_IDENTITY_ACTION, withConditions } from './trust-statement.ts';

/**
 * Returns podrole's statement for an entry as it should be. Subject, audience and provider are repaired.
 * What narrows it stays: further conditions, and a Deny. So do further subjects and actions that somebody
 * wrote beside podrole's, except with `prune`.
 * @param found the statement as it is
 * @returns the statement itself if nothing has to change
 */
export function keptOwnStatement(found: unknown, entry: TrustEntry, prune: boolean): unknown {
  const statement = readStatement(found);
  const object = asObject(found);
  if (!statement || !object) return asObject(found)?.['Effect'] === 'Deny' ? found : entryStatement(entry);
  if (statement.effect === 'Deny') return found;
  const asked = (entry.conditions ?? []).filter((condition) => !hasCondition(statement, condition));
  const kept = furtherConditions(statement, entry).map(conditionOf);
  const wanted = entryStatement(entry);
  const wantedBlock = asObject(wanted['Condition']) ?? {};
  const isNamed = namesEntry(statement, entry) && !hasOthers(statement, entry, prune);
  const Condition = isNamed
    ? withConditions(asObject(object['Condition']) ?? {}, asked)
    : withConditions(withConditions(wantedBlock, kept), asked);
  const Action = actionsOf(object) ?? WEB_IDENTITY_ACTION;
  const result: JsonObject = { ...wanted, Action, Condition };
  return samePolicy(found, result) ? found : result;
}

function conditionOf({ operator, key, expected }: Condition) {
  return { operator: operator.name, key, values: expected };
}

/** A wildcard beside the subject lets in others whom nobody named. With `prune`, all others are surplus. */
function hasOthers({ conditions }: Statement, entry: TrustEntry, prune: boolean): boolean {
  const named = [entry.subject, entry.audience];
  const isFurther = new Set(furtherConditions({ conditions }, entry));
  return conditions
    .filter((condition) => !isFurther.has(condition))
    .some(({ expected }) =>
      expected.some((value) => (prune || /[*?]/.test(value)) && !named.includes(value)),
    );
}

/** Returns the actions if they name podrole's one among others, and none by a wildcard. */
function actionsOf({ Action }: JsonObject): unknown {
  const actions = (asArray(Action) ?? [Action]).map(String);
  const hasOurs = actions.some((action) => action.toLowerCase() === WEB_IDENTITY_ACTION.toLowerCase());
  return hasOurs && !actions.some((action) => /[*?]/.test(action)) ? Action : undefined;
}
