import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { completeRole } from '../complete-role.ts';
import type { RoleUse } from '../role-use.ts';
import type { FoundUse } from './policy-report.ts';

/** Settings that decide which roles an object names. */
export interface NamingSettings {
  readonly annotationPrefix: string;
  readonly podRoleAnnotation: string | undefined;
  readonly baseRoleArn: string | undefined;
  /** Returns the roles that `podrole.dev/container-roles` names. */
  readonly rolesInList: (list: string) => readonly string[];
}

/** Returns the roles that a ServiceAccount names. */
export function rolesOfServiceAccount(object: JsonObject, settings: NamingSettings): readonly FoundUse[] {
  const { name, namespace, annotations } = identityOf(object);
  const single = asText(annotations[annotationKey(settings.annotationPrefix, 'roleArn')]);
  const list = asText(annotations[PODROLE_ANNOTATION.containerRoles]);
  const target = asText(annotations[PODROLE_ANNOTATION.targetRoleArn]);
  const given = [
    ...[single, target].flatMap((role) => role || []),
    ...(list ? settings.rolesInList(list) : []),
  ];
  return given.map((role) => ({
    ...useOf({ namespace, serviceAccount: name }, role, 'service-account', settings),
    object: `ServiceAccount ${name}`,
  }));
}

/** Returns the roles that a pod names: by its annotation, and by the variables of its containers. */
export function rolesOfPod(object: JsonObject, settings: NamingSettings): readonly FoundUse[] {
  const { name, namespace, annotations } = identityOf(object);
  const spec = asObject(object['spec']) ?? {};
  const account = { namespace, serviceAccount: asText(spec['serviceAccountName']) ?? 'default' };
  const annotated = settings.podRoleAnnotation && asText(annotations[settings.podRoleAnnotation]);
  const uses = [
    ...(annotated ? [useOf(account, annotated, 'pod', settings)] : []),
    // The webhook writes the whole ARN of a role that the annotation names.
    ...variablesOf(spec).flatMap((role) =>
      annotated && role === completeRole(annotated, settings.baseRoleArn)
        ? []
        : [useOf(account, role, 'service-account', settings)],
    ),
  ];
  return uses.map((use) => ({ ...use, object: `Pod ${name}` }));
}

function variablesOf(spec: JsonObject): readonly string[] {
  const lists = ['containers', 'initContainers', 'ephemeralContainers'];
  const variables = lists
    .flatMap((list) => asArray(spec[list]) ?? [])
    .flatMap((container) => asArray(asObject(container)?.['env']) ?? [])
    .map(asObject);
  const names: readonly unknown[] = [ENV.roleArn, ENV.targetRoleArn];
  const roles = variables.filter((variable) => names.includes(variable?.['name']));
  return [...new Set(roles.flatMap((variable) => asText(variable?.['value']) || []))];
}

function identityOf(object: JsonObject) {
  const metadata = metadataOf(object);
  return {
    name: asText(metadata?.['name']) ?? '',
    namespace: asText(metadata?.['namespace']) ?? '',
    annotations: asObject(metadata?.['annotations']) ?? {},
  };
}

function useOf(
  account: Pick<RoleUse, 'namespace' | 'serviceAccount'>,
  given: string,
  namedBy: RoleUse['namedBy'],
  { baseRoleArn }: NamingSettings,
): RoleUse {
  return { ...account, given, roleArn: completeRole(given, baseRoleArn) ?? given, namedBy };
}
