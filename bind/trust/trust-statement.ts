import { createHash } from 'node:crypto';
import { issuerHostPath } from '../../lib/issuer.ts';
import { asObject, type JsonObject } from '../../lib/json/json.ts';
import type { TrustCondition, TrustEntry } from './trust-entry.ts';

export const WEB_IDENTITY_ACTION = 'sts:AssumeRoleWithWebIdentity';

const SID = /^Podrole[0-9a-f]{10}$/;

/** True if a statement's Sid is one of podrole's. */
export function isOurSid(sid: unknown): boolean {
  return typeof sid === 'string' && SID.test(sid);
}

/**
 * Returns the Sid of an entry. The same subject of the same issuer always gets the same Sid, and so does the
 * same container of it, so that podrole recognises its statement even if it was edited. IAM allows only
 * letters and digits.
 */
export function entrySid({
  issuer,
  subject,
  container,
}: Pick<TrustEntry, 'issuer' | 'subject' | 'container'>): string {
  const parts = [issuerHostPath(issuer), subject, ...(container === undefined ? [] : [container])];
  const hash = createHash('sha256').update(parts.join('\n')).digest('hex');
  return `Podrole${hash.slice(0, 10)}`;
}

/**
 * Returns the statement that admits only the tokens of an entry: exact subject and audience, or a pattern by
 * StringLike, under the further conditions of the entry.
 */
export function entryStatement(entry: TrustEntry): JsonObject {
  const { providerArn, issuer, subject, isPattern, audience, conditions = [] } = entry;
  const key = issuerHostPath(issuer);
  const aud = { [`${key}:aud`]: audience };
  const sub = { [`${key}:sub`]: subject };
  return {
    Sid: entrySid(entry),
    Effect: 'Allow',
    Principal: { Federated: providerArn },
    Action: WEB_IDENTITY_ACTION,
    Condition: withConditions(
      isPattern ? { StringEquals: aud, StringLike: sub } : { StringEquals: { ...sub, ...aud } },
      conditions,
    ),
  };
}

/**
 * Adds conditions to the Condition of a statement. A condition replaces one of the same operator and key,
 * which is written in any case.
 */
export function withConditions(block: JsonObject, conditions: readonly TrustCondition[]): JsonObject {
  const merged = new Map(Object.entries(block));
  for (const [operator, same] of Map.groupBy(conditions, (condition) => condition.operator)) {
    const added = new Map<string, readonly [key: string, value: unknown]>();
    for (const { key, values } of same) {
      // Deleting it first moves a repeated key to the end.
      added.delete(key.toLowerCase());
      added.set(key.toLowerCase(), [key, values.length === 1 ? values[0] : values]);
    }
    const others = Object.entries(asObject(merged.get(operator)) ?? {}).filter(
      ([key]) => !added.has(key.toLowerCase()),
    );
    merged.set(operator, Object.fromEntries([...others, ...added.values()]));
  }
  return Object.fromEntries(merged);
}

/** Returns the trust policy of a new role. */
export function trustPolicyOf(trustEntries: readonly TrustEntry[]): JsonObject {
  return { Version: '2012-10-17', Statement: trustEntries.map(entryStatement) };
}
