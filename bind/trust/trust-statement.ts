import { createHash } from 'node:crypto';
import { issuerHostPath } from '../../lib/issuer.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import type { TrustEntry } from './trust-entry.ts';

export const WEB_IDENTITY_ACTION = 'sts:AssumeRoleWithWebIdentity';

const SID = /^Podrole[0-9a-f]{10}$/;

/** True if a statement's Sid is one of podrole's. */
export function isOurSid(sid: unknown): boolean {
  return typeof sid === 'string' && SID.test(sid);
}

/**
 * Returns the Sid of an entry. The same subject of the same issuer always gets the same Sid, so that podrole
 * recognises its statement even if it was edited. IAM allows only letters and digits.
 */
export function entrySid({ issuer, subject }: Pick<TrustEntry, 'issuer' | 'subject'>): string {
  const hash = createHash('sha256')
    .update(`${issuerHostPath(issuer)}\n${subject}`)
    .digest('hex');
  return `Podrole${hash.slice(0, 10)}`;
}

/**
 * Returns the statement that admits only the tokens of an entry: exact subject and audience, or a pattern by
 * StringLike.
 */
export function entryStatement(entry: TrustEntry): JsonObject {
  const { providerArn, issuer, subject, isPattern, audience } = entry;
  const key = issuerHostPath(issuer);
  const aud = { [`${key}:aud`]: audience };
  const sub = { [`${key}:sub`]: subject };
  return {
    Sid: entrySid(entry),
    Effect: 'Allow',
    Principal: { Federated: providerArn },
    Action: WEB_IDENTITY_ACTION,
    Condition: isPattern ? { StringEquals: aud, StringLike: sub } : { StringEquals: { ...sub, ...aud } },
  };
}

/** Returns the trust policy of a new role. */
export function trustPolicyOf(trustEntries: readonly TrustEntry[]): JsonObject {
  return { Version: '2012-10-17', Statement: trustEntries.map(entryStatement) };
}
