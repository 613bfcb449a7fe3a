import { NAMESPACES_PATH, serviceAccountPath, serviceAccountsPath } from '../../kubernetes/core-paths.ts';
import { versionOf } from '../../kubernetes/version-of.ts';
import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { CREATED_SERVICE_ACCOUNT_ANNOTATION, PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import type { Fault } from '../../lib/errors.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import {
  type ContainerAnnotation,
  containerRolesIn,
  withContainerRoles,
} from '../desired/container-annotation.ts';
import type { DesiredServiceAccount } from '../desired/desired.ts';
import type { ServiceAccountFacts } from '../facts/service-account-facts.ts';
import { EMPTY_PLAN, type Plan, type PlanStep } from './plan-step.ts';
import { planTargetAnnotations, servedTargetNotes } from './target/target-annotations.ts';

const { containerRoles: CONTAINER_ROLES } = PODROLE_ANNOTATION;

export interface AnnotationRules {
  readonly annotationPrefix: string;
  /** Allows to replace the annotation of another role. */
  readonly mayOverride: boolean;
  /** Returns the ARN that a role annotation means. Left out: what it holds. */
  readonly completeRole?: ((given: string) => string) | undefined;
}

/**
 * Plans the annotations of a ServiceAccount. A missing one is created, with its namespace. On an existing one
 * only the annotations of the identity are set.
 */
export function planServiceAccount(
  desired: DesiredServiceAccount,
  facts: ServiceAccountFacts,
  { annotationPrefix, mayOverride, completeRole = (given) => given }: AnnotationRules,
): Plan {
  const object = `ServiceAccount ${desired.namespace}/${desired.name}`;
  const metadata = metadataOf(facts.object) ?? {};
  const present = asObject(metadata['annotations']) ?? {};
  const listed = asText((facts.object ? present : desired.annotations)[CONTAINER_ROLES]) ?? '';
  const containers = planContainers(desired, listed, completeRole);
  if ('unclear' in containers) {
    const { problem, remedy } = containers.unclear;
    const faults = [{ code: 'MALFORMED_CONTAINER_ROLES', object, problem, remedy } as const];
    return { ...EMPTY_PLAN, faults };
  }
  if (!facts.object) {
    const annotations = { ...desired.annotations, ...containers.annotations };
    const notes = servedTargetNotes(object, desired.annotations, desired.annotations);
    return { ...EMPTY_PLAN, steps: createSteps({ ...desired, annotations }, facts, object), notes };
  }
  const roleKey = annotationKey(annotationPrefix, 'roleArn');
  const isPresent = (key: string, value: string) => {
    const found = asText(present[key]);
    return found === value || (key === roleKey && found !== undefined && completeRole(found) === value);
  };
  const missing = Object.fromEntries(
    Object.entries(desired.annotations).filter(
      ([key, value]) => key.startsWith(`${annotationPrefix}/`) && !isPresent(key, value),
    ),
  );
  const served = servedTargetNotes(object, desired.annotations, present);
  const target = planTargetAnnotations(desired.annotations, present);
  const changed = { ...missing, ...target.changed, ...containers.annotations };
  const unread = containerRolesIn(listed) ? [] : [unreadNote(object)];
  if (Object.keys(changed).length === 0) return { ...EMPTY_PLAN, notes: unread };
  const other = asText(present[roleKey]);
  const replaced = [
    ...(other && missing[roleKey] !== undefined ? [`has the role ${other}`] : []),
    ...containers.others.map(([container, role]) => `has the role ${role} for its container ${container}`),
  ];
  if (target.other !== undefined && !mayOverride)
    return { ...EMPTY_PLAN, faults: [otherTargetFault(object, target.other)] };
  if (replaced.length > 0 && !mayOverride) {
    const replace = 'give --override-existing-serviceaccounts to replace it';
    const remedy = `${replace}, --adopt to keep it as podrole's, or --attach-role-arn to keep it as it is`;
    const faults = replaced.map(
      (problem): Fault => ({ code: 'SERVICE_ACCOUNT_HAS_ROLE', object, problem, remedy }),
    );
    return { ...EMPTY_PLAN, faults };
  }
  const before = Object.fromEntries(
    Object.keys(changed).flatMap((key) => (present[key] === undefined ? [] : [[key, present[key]]])),
  );
  const step: PlanStep = {
    object,
    action: 'annotate',
    document: { name: 'annotations', before, after: changed },
    call: {
      service: 'cluster',
      change: {
        method: 'PATCH',
        path: serviceAccountPath(desired.namespace, desired.name),
        body: { metadata: { ...versionOf(metadata), annotations: changed } },
      },
    },
  };
  const notes = [...unread, ...served, ...audienceNotes(desired, changed, listed, annotationPrefix)];
  return { ...EMPTY_PLAN, steps: [step], notes };
}

function otherTargetFault(object: string, other: string): Fault {
  return {
    code: 'SERVICE_ACCOUNT_HAS_ROLE',
    object,
    problem: `has the target role ${other}`,
    remedy:
      'give --override-existing-serviceaccounts to replace it; its trust policy keeps the statement of podrole until you run podrole unbind first',
  };
}

function unreadNote(object: string): string {
  return `${object}: annotation ${CONTAINER_ROLES} is malformed, and its pods get no role until it is corrected`;
}

interface ContainerPlan {
  /** The annotation of the containers' roles, if it has to change. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Other roles that the containers have now. */
  readonly others: readonly (readonly [container: string, role: string])[];
}

function planContainers(
  { containerRoles = [] }: DesiredServiceAccount,
  listed: string,
  completeRole: (given: string) => string,
): ContainerPlan | Extract<ContainerAnnotation, { unclear: unknown }> {
  const present = containerRolesIn(listed);
  const missing = containerRoles.filter(
    ({ container, roleArn }) => completeRole(present?.get(container) ?? '') !== roleArn,
  );
  if (missing.length === 0) return { annotations: {}, others: [] };
  const wanted = withContainerRoles(listed, missing);
  if ('unclear' in wanted) {
    const { problem, remedy } = wanted.unclear;
    return { unclear: { problem: `annotation ${CONTAINER_ROLES} ${problem}`, remedy } };
  }
  const others = missing.flatMap(({ container }) => {
    const role = present?.get(container);
    return role ? [[container, role] as const] : [];
  });
  return { annotations: { [CONTAINER_ROLES]: wanted.value }, others };
}

/** Roles of containers trust the audience of the ServiceAccount with the container's name behind it. */
function audienceNotes(
  { namespace, name, containerRoles = [] }: DesiredServiceAccount,
  changed: Readonly<Record<string, string>>,
  listed: string,
  annotationPrefix: string,
): readonly string[] {
  if (changed[annotationKey(annotationPrefix, 'audience')] === undefined) return [];
  const bound = new Set(containerRoles.map(({ container }) => container));
  const left = [...(containerRolesIn(listed)?.keys() ?? [])].filter((container) => !bound.has(container));
  return left.map(
    (container) =>
      `container ${container} of ServiceAccount ${namespace}/${name} gets tokens of the new audience too: run podrole bind -n ${namespace} ${name} --container ${container}`,
  );
}

function createSteps(
  { namespace, name, labels, annotations }: DesiredServiceAccount,
  { hasNamespace }: ServiceAccountFacts,
  object: string,
): readonly PlanStep[] {
  const body = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      namespace,
      name,
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      annotations: { ...annotations, [CREATED_SERVICE_ACCOUNT_ANNOTATION]: 'true' },
    },
  };
  const ofNamespace: PlanStep = {
    object: `namespace ${namespace}`,
    action: 'create',
    call: {
      service: 'cluster',
      change: {
        method: 'POST',
        path: NAMESPACES_PATH,
        body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      },
    },
  };
  return [
    ...(hasNamespace ? [] : [ofNamespace]),
    {
      object,
      action: 'create',
      document: { name: 'annotations', before: undefined, after: body.metadata.annotations },
      call: { service: 'cluster', change: { method: 'POST', path: serviceAccountsPath(namespace), body } },
    },
  ];
}
