import { createHash } from 'node:crypto';
import { issuerHostPath } from '../../lib/issuer.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import type { TrustEntry } from './trust-entry.ts';

export const WEB_IDENTITY_ACTION = 'sts:AssumeRoleWithWebIdentity';

const SID = /^Podrole[0-9a-f]{10}$/;

/** Whether a statement's Sid says that podrole wrote it. */
export function isOurSid(sid: unknown): boolean {
  return typeof sid === 'string' && SID.test(sid);
}

/**
 * The Sid of a entry: the same for the same subject of the same issuer, so that podrole knows its statement again however much it
 * was edited. IAM allows letters and digits only.
 */
export function entrySid({ issuer, subject }: Pick<TrustEntry, 'issuer' | 'subject'>): string {
  const hash = createHash('sha256')
    .update(`${issuerHostPath(issuer)}\n${subject}`)
    .digest('hex');
  return `Podrole${hash.slice(0, 10)}`;
}

/** The statement that lets in the tokens of a entry and no others: exact subject and audience, or a subject pattern by StringLike. */
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

/** The trust policy of a new role. */
export function trustPolicyOf(trustEntries: readonly TrustEntry[]): JsonObject {
  return { Version: '2012-10-17', Statement: trustEntries.map(entryStatement) };
}
