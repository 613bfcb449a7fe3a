import { createHash } from 'node:crypto';
import { issuerHostPath } from '../../../lib/issuer.ts';
import type { JsonObject } from '../../../lib/json/json.ts';
import type { TargetEntry } from './target-entry.ts';

export const ASSUME_ACTION = 'sts:AssumeRole';
export const TAG_ACTION = 'sts:TagSession';
export const EXTERNAL_ID_KEY = 'sts:ExternalId';
/** Condition key of a session tag: this and the key of the tag. */
export const REQUEST_TAG_PREFIX = 'aws:RequestTag/';

const SID = /^PodroleTarget[0-9a-f]{10}$/;

/** True if a statement's Sid is one that podrole gives to statements of target roles. */
export function isTargetSid(sid: unknown): boolean {
  return typeof sid === 'string' && SID.test(sid);
}

/**
 * Returns the Sid of an entry. A ServiceAccount of a cluster always has the same one, whatever its role, its
 * region and the name of the cluster, so that podrole recognises its statement after each of them changed.
 */
export function targetSid({ issuer, subject }: Pick<TargetEntry, 'issuer' | 'subject'>): string {
  const parts = ['target', issuerHostPath(issuer), subject];
  const hash = createHash('sha256').update(parts.join('\n')).digest('hex');
  return `PodroleTarget${hash.slice(0, 10)}`;
}

/** Returns the actions that the session needs: tags need a second one. */
export function targetActions(hasSessionTags: boolean): readonly string[] {
  return hasSessionTags ? [ASSUME_ACTION, TAG_ACTION] : [ASSUME_ACTION];
}

/** Returns the statement that lets in only the sessions of an entry. */
export function targetStatement(entry: TargetEntry): JsonObject {
  const { roleArn, externalId, tags } = entry;
  const ofTags = Object.entries(tags ?? {}).map(([key, value]) => [`${REQUEST_TAG_PREFIX}${key}`, value]);
  return {
    Sid: targetSid(entry),
    Effect: 'Allow',
    Principal: { AWS: roleArn },
    Action: tags ? targetActions(true) : ASSUME_ACTION,
    Condition: { StringEquals: { [EXTERNAL_ID_KEY]: externalId, ...Object.fromEntries(ofTags) } },
  };
}
