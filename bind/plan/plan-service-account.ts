import { NAMESPACES_PATH, serviceAccountPath, serviceAccountsPath } from '../../kubernetes/core-paths.ts';
import { versionOf } from '../../kubernetes/version-of.ts';
import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { CREATED_SERVICE_ACCOUNT_ANNOTATION } from '../../lib/contract/podrole.ts';
import { asObject, asText } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import type { DesiredServiceAccount } from '../desired/desired.ts';
import type { ServiceAccountFacts } from '../facts/service-account-facts.ts';
import { EMPTY_PLAN, type Plan, type PlanStep } from './plan-step.ts';

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
  if (!facts.object) return { ...EMPTY_PLAN, steps: createSteps(desired, facts, object) };
  const metadata = metadataOf(facts.object) ?? {};
  const present = asObject(metadata['annotations']) ?? {};
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
  if (Object.keys(missing).length === 0) return EMPTY_PLAN;
  const other = asText(present[roleKey]);
  if (other && missing[roleKey] !== undefined && !mayOverride) {
    const problem = `has the role ${other}`;
    const replace = 'give --override-existing-serviceaccounts to replace it';
    const remedy = `${replace}, or name it with --role-name or --attach-role-arn to keep it`;
    return { ...EMPTY_PLAN, faults: [{ code: 'SERVICE_ACCOUNT_HAS_ROLE', object, problem, remedy }] };
  }
  const before = Object.fromEntries(
    Object.keys(missing).flatMap((key) => (present[key] === undefined ? [] : [[key, present[key]]])),
  );
  const step: PlanStep = {
    object,
    action: 'annotate',
    document: { name: 'annotations', before, after: missing },
    call: {
      service: 'cluster',
      change: {
        method: 'PATCH',
        path: serviceAccountPath(desired.namespace, desired.name),
        body: { metadata: { ...versionOf(metadata), annotations: missing } },
      },
    },
  };
  return { ...EMPTY_PLAN, steps: [step] };
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
