import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { KUBE2IAM_ROLE_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { ENDPOINT_URL_MAX_LENGTH } from '../settings/endpoint-settings.ts';
import { CONTAINER_ROLES_MAX_LENGTH } from './container-roles.ts';
import { misspeltAnnotations } from './names.ts';
import { notOfServiceAccounts } from './places.ts';

/** Longest ARN. IAM User Guide, "IAM identifiers" */
export const ROLE_ARN_MAX_LENGTH = 2_048;
/** IAM accepts 255 characters for a client ID; another STS may accept more. */
export const AUDIENCE_MAX_LENGTH = 1_024;
/** `NAME/KEY` of a ConfigMap, each with up to 253 characters. */
const CONFIG_MAP_MAX_LENGTH = 507;
/** A number, a boolean, or one of a few words. */
const WORD_MAX_LENGTH = 256;

/**
 * Returns the longest value of each annotation that matters on a ServiceAccount, in characters, by its key. A
 * longer one counts as malformed.
 */
export function maxLengths(annotationPrefix: string): readonly (readonly [key: string, maxLength: number])[] {
  const words = [
    annotationKey(annotationPrefix, 'stsRegionalEndpoints'),
    annotationKey(annotationPrefix, 'tokenExpiration'),
    PODROLE_ANNOTATION.sessionName,
    PODROLE_ANNOTATION.sidecar,
    PODROLE_ANNOTATION.sessionTags,
  ];
  return [
    [annotationKey(annotationPrefix, 'roleArn'), ROLE_ARN_MAX_LENGTH],
    [annotationKey(annotationPrefix, 'audience'), AUDIENCE_MAX_LENGTH],
    [PODROLE_ANNOTATION.targetRoleArn, ROLE_ARN_MAX_LENGTH],
    [PODROLE_ANNOTATION.containerRoles, CONTAINER_ROLES_MAX_LENGTH],
    [PODROLE_ANNOTATION.stsEndpointUrl, ENDPOINT_URL_MAX_LENGTH],
    [PODROLE_ANNOTATION.s3EndpointUrl, ENDPOINT_URL_MAX_LENGTH],
    [PODROLE_ANNOTATION.caBundleConfigMap, CONFIG_MAP_MAX_LENGTH],
    ...words.map((key) => [key, WORD_MAX_LENGTH] as const),
  ];
}

/** End of a value that was cut. No valid value of these annotations ends with it. */
const CUT_MARK = '…';

/** Characters of a value that are kept only for a warning. */
const SHOWN_LENGTH = 64;

/**
 * Returns the part of a ServiceAccount's annotations that is kept: those that matter, those that would matter
 * elsewhere, and a few keys that look like a misspelling of one. That is at most 75 KB for any
 * ServiceAccount. A value that is too long is cut to one character more than the limit, so it stays too long,
 * and invalid.
 * @returns undefined if there is nothing to keep
 */
export function keepAnnotations(
  annotations: JsonObject,
  annotationPrefix: string,
): Readonly<Record<string, string>> | undefined {
  const kept: Record<string, string> = {};
  for (const [key, maxLength] of maxLengths(annotationPrefix)) {
    const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    if (typeof value === 'string') kept[key] = shortened(value, maxLength);
  }
  for (const key of [...notOfServiceAccounts(annotationPrefix), KUBE2IAM_ROLE_ANNOTATION]) {
    const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    if (typeof value === 'string') kept[key] = shortened(value, SHOWN_LENGTH);
  }
  for (const { written } of misspeltAnnotations(Object.keys(annotations), annotationPrefix)) {
    const value = annotations[written];
    // It only matters whether the value is empty.
    if (typeof value === 'string') kept[written] = value.slice(0, 1);
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** Returns a value that is too long as a new string: a slice would keep the whole value in memory. */
function shortened(value: string, maxLength: number): string {
  if (value.length <= maxLength) return value;
  return JSON.parse(JSON.stringify(value.slice(0, maxLength) + CUT_MARK));
}
