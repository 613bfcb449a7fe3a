import { AWS_ANNOTATION, PODROLE_ANNOTATION } from '../lib/contract.ts';
import type { JsonObject } from '../lib/json.ts';
import { misspeltAnnotations } from './annotation-names.ts';

/**
 * Most characters of the annotations of a ServiceAccount; a longer one counts as malformed. An audience of IAM has at most 255, an ARN at
 * most 2,048; container-roles has room for some 150 roles of usual length, or for 20 of the greatest. IAM User Guide, "IAM and STS quotas"
 */
const MAX_LENGTH = {
  roleArn: 2_048,
  audience: 1_024,
  containerRoles: 16_384,
  /** A number, a truth value, or one of a few words. */
  word: 256,
} as const;

type MaxLengths = readonly (readonly [key: string, maxLength: number])[];

/** Most characters of the annotations that say who gets which role and with which token, by their key. */
export function roleMaxLengths(annotationPrefix: string): MaxLengths {
  return [
    [`${annotationPrefix}/${AWS_ANNOTATION.roleArn}`, MAX_LENGTH.roleArn],
    [`${annotationPrefix}/${AWS_ANNOTATION.audience}`, MAX_LENGTH.audience],
    [PODROLE_ANNOTATION.containerRoles, MAX_LENGTH.containerRoles],
  ];
}

/** Most characters of each annotation that counts on a ServiceAccount, by its key. */
export function maxLengths(annotationPrefix: string): MaxLengths {
  const shared = [AWS_ANNOTATION.stsRegionalEndpoints, AWS_ANNOTATION.tokenExpiration];
  const words = [
    ...shared.map((name) => `${annotationPrefix}/${name}`),
    PODROLE_ANNOTATION.sessionName,
    PODROLE_ANNOTATION.sidecar,
  ];
  return [...roleMaxLengths(annotationPrefix), ...words.map((key) => [key, MAX_LENGTH.word] as const)];
}

/** Stands behind what is left of a value that was too long: no value of these annotations that means something ends with it. */
const CUT_MARK = '…';

/**
 * What is kept of a ServiceAccount's annotations, a few kilobytes at most whatever it holds: those that count, and the keys of a few that
 * look like a misspelling of one. A value that is too long is kept one character longer than it may be, so that it is too long still,
 * and means nothing.
 * @returns undefined where nothing is to be kept
 */
export function keepAnnotations(
  annotations: JsonObject,
  annotationPrefix: string,
): Readonly<Record<string, string>> | undefined {
  const kept: Record<string, string> = {};
  for (const [key, maxLength] of maxLengths(annotationPrefix)) {
    const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    if (typeof value === 'string') kept[key] = value.length > maxLength ? cut(value, maxLength) : value;
  }
  for (const { written } of misspeltAnnotations(Object.keys(annotations), annotationPrefix)) {
    const value = annotations[written];
    // Of these it only counts whether they are empty.
    if (typeof value === 'string') kept[written] = value.slice(0, 1);
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** A string of its own: a slice would keep the whole value in memory. */
function cut(value: string, length: number): string {
  return JSON.parse(JSON.stringify(value.slice(0, length) + CUT_MARK));
}
