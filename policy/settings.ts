import { parseRoleArn } from '../lib/arn.ts';
import { choice, matching, string } from '../lib/settings/kinds.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';

/** Consequences for a pod whose role is refused. */
export const POLICY_MODES = ['audit', 'warn', 'enforce'] as const;

/** Name of an annotation, with or without a prefix. [k8s] "Annotations", syntax */
const ANNOTATION_KEY = /^(?:[a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?\/)?[A-Za-z\d](?:[\w.-]{0,61}[A-Za-z\d])?$/;

/** Settings that decide which namespaces may use which roles, for every command that gives pods roles. */
export const policySettings = {
  rolePolicyFile: string({
    value: '<file>',
    emptyIsUnset: true,
    help: 'YAML file: which namespaces may use which roles; see podrole policy',
  }),
  policy: choice({
    values: POLICY_MODES,
    default: 'warn',
    help: 'A refused role: given and logged (audit), given with a warning (warn; needs a policy file or --pod-role-annotation), or the pod is refused (enforce). A refused role that the pod names itself is never given',
  }),
  podRoleAnnotation: matching({
    value: '<key>',
    pattern: ANNOTATION_KEY,
    expected: 'the key of an annotation, such as iam.amazonaws.com/role',
    emptyIsUnset: true,
    shownDefault: 'pods cannot name a role',
    help: 'Annotation of pods that names their role, such as iam.amazonaws.com/role of kube2iam and kiam',
  }),
  baseRoleArn: matching({
    value: '<arn>',
    pattern: { test: isBaseRoleArn },
    expected: 'the beginning of a role ARN up to a slash, such as arn:aws:iam::111122223333:role/',
    emptyIsUnset: true,
    help: 'Prefix that completes a role name in the annotation of --pod-role-annotation, such as arn:aws:iam::111122223333:role/',
  }),
  namespaceRestrictionFormat: choice({
    values: ['glob', 'regexp'],
    default: 'glob',
    help: 'How iam.amazonaws.com/allowed-roles of a Namespace is written',
  }),
} as const;

/** A name that follows must not become a part of the last step of the path. */
function isBaseRoleArn(text: string): boolean {
  return text.endsWith('/') && parseRoleArn(`${text}x`) !== undefined;
}

/**
 * Returns true if the roles of pods are judged. Only then does anybody look at a Namespace, so only then does
 * its annotation `podrole.dev/allowed-roles` count.
 */
export function judgesRoles(
  settings: Pick<PolicySettings, 'podRoleAnnotation' | 'rolePolicyFile' | 'policy'>,
): boolean {
  const { podRoleAnnotation, rolePolicyFile, policy } = settings;
  return podRoleAnnotation !== undefined || rolePolicyFile !== undefined || policy !== 'warn';
}

export type PolicySettings = SettingsOf<typeof policySettings>;
