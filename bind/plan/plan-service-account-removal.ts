import { serviceAccountPath } from '../../kubernetes/core-paths.ts';
import { versionOf } from '../../kubernetes/version-of.ts';
import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { CREATED_SERVICE_ACCOUNT_ANNOTATION, PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { containerRolesIn, withoutContainerRole } from '../desired/container-annotation.ts';
import { EMPTY_PLAN, type Plan, type PlanStep } from './plan-step.ts';

const { containerRoles: CONTAINER_ROLES } = PODROLE_ANNOTATION;

export interface ServiceAccountToUnbind {
  readonly namespace: string;
  readonly name: string;
  readonly object: JsonObject;
  /** Container whose own role goes; undefined: that of the whole pod. */
  readonly container: string | undefined;
  readonly annotationPrefix: string;
}

/**
 * Removes the role of a ServiceAccount, or that of one container. Its other roles stay. A ServiceAccount that
 * podrole created is deleted when it has no role left, unless a tool has labelled it as its own since.
 */
export function planServiceAccountRemoval(asked: ServiceAccountToUnbind): Plan {
  const { object, container, annotationPrefix } = asked;
  const present = asObject(metadataOf(object)?.['annotations']) ?? {};
  const listed = asText(present[CONTAINER_ROLES]) ?? '';
  const roleKey = annotationKey(annotationPrefix, 'roleArn');
  const rest = [annotationKey(annotationPrefix, 'audience'), CREATED_SERVICE_ACCOUNT_ANNOTATION];
  const containers = containerRolesIn(listed);
  if (container === undefined) {
    const ofPod = [roleKey, PODROLE_ANNOTATION.targetRoleArn, PODROLE_ANNOTATION.sessionTags];
    if (containers?.size === 0) return { ...EMPTY_PLAN, steps: removal(asked, [...ofPod, ...rest]) };
    const steps = annotate(asked, Object.fromEntries(ofPod.map((key) => [key, undefined])));
    return { ...EMPTY_PLAN, steps, notes: [keptNote(asked, containers)] };
  }
  const label = labelOf(asked);
  const left = withoutContainerRole(listed, container);
  if ('unclear' in left) {
    const { problem, remedy } = left.unclear;
    const fault = { object: label, problem: `annotation ${CONTAINER_ROLES} ${problem}`, remedy };
    return { ...EMPTY_PLAN, faults: [{ code: 'MALFORMED_CONTAINER_ROLES', ...fault }] };
  }
  if (!containers?.has(container))
    return { ...EMPTY_PLAN, notes: [`${label} gives no role of its own to a container ${container}`] };
  const isLast = left.value === '' && !asText(present[roleKey]);
  const steps = isLast
    ? removal(asked, [CONTAINER_ROLES, ...rest])
    : annotate(asked, { [CONTAINER_ROLES]: left.value || undefined });
  return { ...EMPTY_PLAN, steps };
}

function keptNote(
  asked: ServiceAccountToUnbind,
  containers: ReadonlyMap<string, string> | undefined,
): string {
  const { namespace, name } = asked;
  if (!containers)
    return `${labelOf(asked)} keeps its annotation ${CONTAINER_ROLES}, which is malformed; correct or remove it`;
  const [first = ''] = containers.keys();
  const command = `podrole unbind -n ${namespace} ${name} --container ${first}`;
  return `${labelOf(asked)} keeps the roles of its containers ${[...containers.keys()].join(', ')}; to remove one, run ${command}`;
}

/** Deletes a ServiceAccount without roles, or removes the annotations. */
function removal(asked: ServiceAccountToUnbind, keys: readonly string[]): readonly PlanStep[] {
  const { namespace, name, object } = asked;
  const metadata = metadataOf(object) ?? {};
  const isMade = asObject(metadata['annotations'])?.[CREATED_SERVICE_ACCOUNT_ANNOTATION] === 'true';
  const isAdopted = asObject(metadata['labels'])?.['app.kubernetes.io/managed-by'] !== undefined;
  if (!isMade || isAdopted) return annotate(asked, Object.fromEntries(keys.map((key) => [key, undefined])));
  const path = serviceAccountPath(namespace, name);
  const change = { method: 'DELETE', path, body: { preconditions: versionOf(metadata) } } as const;
  const action = 'delete, because podrole created it';
  return [{ object: labelOf(asked), action, call: { service: 'cluster', change } }];
}

/** Sets or removes annotations, of those that exist. */
function annotate(
  asked: ServiceAccountToUnbind,
  wanted: Readonly<Record<string, string | undefined>>,
): readonly PlanStep[] {
  const { namespace, name, object } = asked;
  const metadata = metadataOf(object) ?? {};
  const present = asObject(metadata['annotations']) ?? {};
  const going = Object.entries(wanted).filter(([key]) => present[key] !== undefined);
  if (going.length === 0) return [];
  const before = Object.fromEntries(going.map(([key]) => [key, present[key]]));
  const after = Object.fromEntries(going.filter(([, value]) => value !== undefined));
  const annotations = Object.fromEntries(going.map(([key, value]) => [key, value ?? null]));
  const body = { metadata: { ...versionOf(metadata), annotations } };
  const change = { method: 'PATCH', path: serviceAccountPath(namespace, name), body } as const;
  const action = Object.keys(after).length === 0 ? 'remove annotations' : 'remove a role from the annotation';
  const document = { name: 'annotations', before, after };
  return [{ object: labelOf(asked), action, document, call: { service: 'cluster', change } }];
}

function labelOf({ namespace, name }: ServiceAccountToUnbind): string {
  return `ServiceAccount ${namespace}/${name}`;
}
