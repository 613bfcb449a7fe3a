import { asArray, asObject, type JsonObject } from '../../../lib/json/json.ts';
import { SESSION_TAG } from '../../../lib/target-role.ts';
import type { Condition } from '../../../sts/policy-document.ts';
import { samePolicy } from '../../iam/same-policy.ts';
import { readStatement } from '../covers-entry.ts';
import { statementsOf } from '../trust-policy-parts.ts';
import { withConditions } from '../trust-statement.ts';
import { awsPrincipalsOf } from './aws-principals.ts';
import type { TargetEntry } from './target-entry.ts';
import {
  EXTERNAL_ID_KEY,
  isTargetSid,
  REQUEST_TAG_PREFIX,
  targetActions,
  targetSid,
  targetStatement,
} from './target-statement.ts';

/**
 * Returns the trust policy of a target role as it should be. Statements of others stay as they are. podrole's
 * own is added if no other statement names exactly the same, and repaired if it was edited; conditions that
 * others added to it stay.
 * @param policy as IAM answers it: a JSON object
 * @returns the policy itself if nothing has to change
 */
export function mergeTargetTrust(policy: JsonObject, entry: TargetEntry): JsonObject {
  const statements = statementsOf(policy);
  const sid = targetSid(entry);
  const isOwn = (statement: unknown) => isOfOwner(statement, sid) || isOfFormerIssuer(statement, entry);
  if (!statements.some(isOwn)) {
    if (statements.some((statement) => namesEntry(statement, entry))) return policy;
    return { ...policy, Statement: [...statements, targetStatement(entry)] };
  }
  const updated = statements.map((statement) => (isOwn(statement) ? kept(statement, entry) : statement));
  const isSame = updated.every((statement, at) => statement === statements[at]);
  return isSame ? policy : { ...policy, Statement: updated };
}

/** Returns a trust policy without podrole's statement for a ServiceAccount; itself if there is none. */
export function withoutTargetTrust(
  policy: JsonObject,
  owner: Pick<TargetEntry, 'issuer' | 'subject'>,
): JsonObject {
  const statements = statementsOf(policy);
  const sid = targetSid(owner);
  const left = statements.filter((statement) => !isOfOwner(statement, sid));
  return left.length === statements.length ? policy : { ...policy, Statement: left };
}

function isOfOwner(statement: unknown, sid: string): boolean {
  return asObject(statement)?.['Sid'] === sid;
}

/**
 * True for podrole's statement from before the cluster got another issuer, on which the Sid depends. The
 * external id names the same cluster and ServiceAccount.
 */
function isOfFormerIssuer(statement: unknown, entry: TargetEntry): boolean {
  return isTargetSid(asObject(statement)?.['Sid']) && namesEntry(statement, entry);
}

/** A Deny that somebody made of podrole's statement stays: podrole never takes away what narrows. */
function kept(found: unknown, entry: TargetEntry): unknown {
  const statement = readStatement(found);
  const wanted = targetStatement(entry);
  if (asObject(found)?.['Effect'] === 'Deny') return found;
  const further = (statement?.conditions ?? []).filter((condition) => !isOurs(condition)).map(conditionOf);
  const result = { ...wanted, Condition: withConditions(asObject(wanted['Condition']) ?? {}, further) };
  return samePolicy(found, result) ? found : result;
}

/** Conditions of podrole's keys are podrole's, but for one that only forbids. */
function isOurs({ key, operator }: Condition): boolean {
  const written = key.toLowerCase();
  const isKey =
    written === EXTERNAL_ID_KEY.toLowerCase() || written.startsWith(REQUEST_TAG_PREFIX.toLowerCase());
  return isKey && !operator.comparison.includes('Not') && !isOfOtherTag(written);
}

const TAGS_OF_ENTRY = [SESSION_TAG.namespace, SESSION_TAG.serviceAccount, SESSION_TAG.cluster];

/** True for a tag that podrole's statement has no value for: that of a single pod, or any other tag. */
function isOfOtherTag(key: string): boolean {
  return (
    key.startsWith(REQUEST_TAG_PREFIX.toLowerCase()) &&
    !TAGS_OF_ENTRY.some((tag) => key === `${REQUEST_TAG_PREFIX.toLowerCase()}${tag}`)
  );
}

function conditionOf({ operator, key, expected }: Condition) {
  return { operator: operator.name, key, values: expected };
}

/** True for a statement of others that names the role, and the external id and the tags of podrole's own. */
function namesEntry(found: unknown, entry: TargetEntry): boolean {
  const object = asObject(found);
  const statement = readStatement(found);
  if (!object || statement?.effect !== 'Allow' || statement.isNotPrincipal || statement.isNotAction)
    return false;
  const wanted = targetStatement(entry);
  const actions = (asArray(object['Action']) ?? [object['Action']]).map((each) => String(each).toLowerCase());
  return (
    awsPrincipalsOf(found).includes(entry.roleArn) &&
    targetActions(entry.tags !== undefined).every((action) => actions.includes(action.toLowerCase())) &&
    samePolicy(lowerKeys(object['Condition']), lowerKeys(wanted['Condition']))
  );
}

/** Condition keys have no case. [iam] "Condition" */
function lowerKeys(block: unknown): unknown {
  return Object.fromEntries(
    Object.entries(asObject(block) ?? {}).map(([operator, keys]) => [
      operator,
      Object.fromEntries(
        Object.entries(asObject(keys) ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
      ),
    ]),
  );
}
