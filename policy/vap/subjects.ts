import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { celString } from './cel.ts';
import type { CelVariable } from './file-rules.ts';

/** Kind of object that names roles, and how CEL reads it. */
export interface Subject {
  /** Part of the names of the policy: `pods`. */
  readonly name: string;
  readonly resourceRules: readonly {
    readonly apiGroups: readonly string[];
    readonly apiVersions: readonly string[];
    readonly operations: readonly string[];
    readonly resources: readonly string[];
  }[];
  /** `serviceAccount`, and `namedRoles`: lists of roles, none of which is empty. An empty role names none. */
  readonly variables: readonly CelVariable[];
}

/** Limits of `podrole.dev/container-roles`, as the webhook has them. */
const CONTAINER_ROLES_MAX_LENGTH = 65_536;
const CONTAINER_ROLES_MAX_ENTRIES = 100;

/** Variables that name a role of a container. */
const ROLE_VARIABLES = [ENV.roleArn, ENV.targetRoleArn];

/** Role of a variable whose value CEL cannot see. Only the pattern `*` allows it. */
const UNSEEN_ROLE = '(valueFrom)';
/** Role in place of a list that is too long. Only the pattern `*` allows it, and then podrole gives none. */
const TOO_LONG = '(too long)';

/**
 * Pods as they are created, and their ephemeral containers. The roles are the values of AWS_ROLE_ARN and
 * PODROLE_TARGET_ROLE_ARN, which podrole's webhook or the pod's author set: the API server asks mutating
 * webhooks first. A pod that exists cannot change its variables, so that its other updates are not judged.
 */
export const podSubject: Subject = {
  name: 'pods',
  resourceRules: [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
    { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['pods/ephemeralcontainers'] },
  ],
  variables: [
    {
      name: 'serviceAccount',
      expression: 'has(object.spec.serviceAccountName) ? object.spec.serviceAccountName : "default"',
    },
    {
      name: 'newContainers',
      expression: `oldObject != null ? ${listIn('ephemeralContainers')}.filter(c, !has(oldObject.spec.ephemeralContainers) || !oldObject.spec.ephemeralContainers.exists(old, old.name == c.name)).map(c, has(c.env) ? c.env : []) : (object.spec.containers.map(c, has(c.env) ? c.env : []) + ${listIn('initContainers')}.map(c, has(c.env) ? c.env : []))`,
    },
    {
      name: 'namedRoles',
      // On Windows, names of variables have no case.
      expression: `variables.newContainers.map(env, env.filter(e, e.name.upperAscii() in [${ROLE_VARIABLES.map(celString).join(', ')}]).map(e, has(e.value) ? e.value : (has(e.valueFrom) ? ${celString(UNSEEN_ROLE)} : ""))).filter(list, size(list) > 0)`,
    },
  ],
};

function listIn(member: string): string {
  return `(has(object.spec.${member}) ? object.spec.${member} : [])`;
}

/**
 * ServiceAccounts. The roles are those of the annotations `role-arn`, `podrole.dev/target-role-arn` and
 * `podrole.dev/container-roles`. An update is judged only by the roles that it adds: an existing
 * ServiceAccount can still be edited.
 */
export function serviceAccountSubject(annotationPrefix: string, baseRoleArn: string | undefined): Subject {
  const roleKey = celString(annotationKey(annotationPrefix, 'roleArn'));
  const targetKey = celString(PODROLE_ANNOTATION.targetRoleArn);
  const listKey = celString(PODROLE_ANNOTATION.containerRoles);
  const single = (of: string, key: string) => `(${key} in ${of} ? [${of}[${key}]] : [])`;
  const list = (of: string) =>
    `(!(${listKey} in ${of}) ? [] : size(${of}[${listKey}]) > ${CONTAINER_ROLES_MAX_LENGTH} || size(${of}[${listKey}].split(",", ${CONTAINER_ROLES_MAX_ENTRIES + 1})) > ${CONTAINER_ROLES_MAX_ENTRIES} ? [${celString(TOO_LONG)}] : ${of}[${listKey}].split(",").map(entry, entry.substring(entry.indexOf("=") + 1).trim()))`;
  const named = (of: string) => `${single(of, roleKey)} + ${single(of, targetKey)} + ${list(of)}`;
  const base = baseRoleArn && celString(`${baseRoleArn.replace(/\/$/, '')}/`);
  const completed = base
    ? `(role == "" || role.lowerAscii().startsWith("arn:") ? role : ${base} + (role.startsWith("/") ? role.substring(1) : role))`
    : 'role';
  return {
    name: 'serviceaccounts',
    resourceRules: [
      {
        apiGroups: [''],
        apiVersions: ['v1'],
        operations: ['CREATE', 'UPDATE'],
        resources: ['serviceaccounts'],
      },
    ],
    variables: [
      { name: 'serviceAccount', expression: 'object.metadata.name' },
      {
        name: 'annotations',
        expression: 'has(object.metadata.annotations) ? object.metadata.annotations : {}',
      },
      {
        name: 'oldAnnotations',
        expression:
          'oldObject != null && has(oldObject.metadata.annotations) ? oldObject.metadata.annotations : {}',
      },
      { name: 'oldRoles', expression: named('variables.oldAnnotations') },
      {
        name: 'namedRoles',
        expression: `[(${named('variables.annotations')}).filter(role, !(role in variables.oldRoles)).map(role, ${completed})].filter(list, size(list) > 0)`,
      },
    ],
  };
}
