import type { ConfigMapIdentities } from '../identity/config-map.ts';
import type { ContainerCredentialsSet } from '../identity/container-credentials-config.ts';
import { type DecisionSettings, decideIdentity, type IdentityDecision } from '../identity/decide-identity.ts';
import { isMirrorPod } from '../identity/mirror-pod.ts';
import type { PodIdentity } from '../identity/pod-identity.ts';
import type { ServiceAccountSource } from '../identity/service-accounts.ts';
import { limitWarnings } from '../identity/warning.ts';
import type { EventObject } from '../kubernetes/events/object-event.ts';
import { DNS_SUBDOMAIN_MAX_LENGTH } from '../lib/contract/kubernetes.ts';
import { PodroleError } from '../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { type JsonMeasure, measureJson } from '../lib/json/json-bounds.ts';
import { isNamespaceName, isObjectName, NAMESPACE_RULE, OBJECT_NAME_RULE } from '../lib/kubernetes-names.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import type { Random } from '../lib/surroundings.ts';
import { mutateEphemeralContainers } from '../pods/ephemeral-containers.ts';
import { type MutatedPod, mutatePod } from '../pods/mutate-pod.ts';
import type { PolicySettings } from '../policy/settings.ts';
import { type ReviewRequest, readReview, writeReview } from './admission-review.ts';
import { podOwner } from './events/pod-owner.ts';
import { patchOf } from './json-patch.ts';
import { type RuleFacts, rulesOf } from './pod-rules.ts';
import { auditAnnotationsOf, type RefusalReport, reportRefusals } from './refusal-report.ts';

/**
 * Outcome of a review. `skipped`: not for podrole to handle (other resource or operation); `warned`: allowed,
 * patched or not, with an admission warning; `denied`: refused because its pod cannot be read; `forbidden`:
 * refused by `--policy=enforce`; `failed`: not answered by a review, so that the API server's failurePolicy
 * decides.
 */
export type ReviewResult = 'patched' | 'unchanged' | 'skipped' | 'warned' | 'denied' | 'forbidden' | 'failed';

/** Subject of a review, for the log. */
export interface ReviewSubject {
  readonly namespace: string;
  /** Name, or generateName if the API server has yet to choose a name. */
  readonly pod: string;
  readonly serviceAccount: string;
  readonly role?: string;
}

export interface ReviewAnswer {
  /** HTTP status. */
  readonly status: 200 | 400 | 500 | 503;
  /** JSON: an AdmissionReview, or `{code, message}` if the status is not 200. */
  readonly body: string;
  readonly result: ReviewResult;
  readonly subject?: ReviewSubject;
  readonly warnings: readonly string[];
  /** Controller that creates the pod and drops the warnings; absent for a person or a dry run. */
  readonly owner?: EventObject;
  /** Roles that rules refuse, whether the pod gets them or not. */
  readonly refused?: RefusalReport;
  /** Reason for a refusal. */
  readonly message?: string;
  /** The internal error. */
  readonly fault?: unknown;
}

/** Sources of the facts of a decision. */
export interface AdmissionFacts {
  readonly settings: DecisionSettings;
  readonly serviceAccounts: ServiceAccountSource;
  readonly containerCredentials: () => ContainerCredentialsSet;
  /** Throws a PodroleError while they are not known. */
  readonly configMap: () => ConfigMapIdentities;
  /** Undefined if no rule is in use. */
  readonly rules?: RuleFacts | undefined;
  readonly random: Random;
}

const NONE: readonly string[] = [];

/**
 * Answers the body of one admission request; never throws.
 * @param measure of the body, if it has been measured already
 */
export async function review(
  body: Buffer,
  facts: AdmissionFacts,
  measure: JsonMeasure = measureJson(body),
): Promise<ReviewAnswer> {
  const read = readReview(body, measure);
  if (!read.ok) {
    return {
      status: 400,
      body: JSON.stringify({ code: 'INVALID_REVIEW', message: read.problem }),
      result: 'denied',
      warnings: NONE,
      message: read.problem,
    };
  }
  const { request } = read;
  const skipped = skip(request);
  if (skipped) return skipped;
  const readPod = podOf(request);
  if ('problem' in readPod) {
    const message = `podrole: ${readPod.problem}`;
    const denial = writeReview(request.uid, { allowed: false, message });
    return { status: 200, body: denial, result: 'denied', warnings: NONE, message };
  }
  const { pod, subject } = readPod;
  const podAnnotations = asObject(metadataOf(pod)?.['annotations']) ?? {};
  try {
    // A mirror pod has no ServiceAccount, and kubelet creates those of the control plane before all others.
    const serviceAccount = isMirrorPod(podAnnotations)
      ? undefined
      : await facts.serviceAccounts.find(subject.namespace, subject.serviceAccount);
    const judged = {
      namespace: subject.namespace,
      serviceAccountName: subject.serviceAccount,
      serviceAccount,
      podAnnotations,
      containerCredentials: facts.containerCredentials(),
      configMap: facts.configMap(),
    };
    const rules = facts.rules && (await rulesOf(facts.rules, judged));
    const decision = decideIdentity({
      ...judged,
      ...(rules && { rules }),
      settings: facts.settings,
      random: facts.random,
    });
    return answer({ request, pod, subject, decision, mode: facts.settings.policy ?? 'warn' });
  } catch (fault) {
    return failed(subject, fault);
  }
}

interface DecidedReview extends ReadPod {
  readonly request: ReviewRequest;
  readonly decision: IdentityDecision;
  readonly mode: PolicySettings['policy'];
}

function answer(decided: DecidedReview): ReviewAnswer {
  const { request, pod, subject, decision, mode } = decided;
  const { identity, denial } = decision;
  const refused = reportRefusals(decision.refusals, mode);
  if (denial !== undefined) return forbid(decided, denial, refused);
  const mutated = identity && mutate(request, pod, identity);
  const patch = mutated ? patchOf(pod, mutated.pod) : [];
  const warnings = limitWarnings([...decision.warnings, ...(mutated?.warnings ?? [])]);
  const role = identity && loggedRole(identity);
  const owner = warnings.length > 0 ? reportedOwner(request, pod) : undefined;
  const auditAnnotations = refused && auditAnnotationsOf(refused);
  return {
    status: 200,
    body: writeReview(request.uid, { allowed: true, patch, warnings, auditAnnotations }),
    result: warnings.length > 0 ? 'warned' : patch.length > 0 ? 'patched' : 'unchanged',
    subject: role === undefined ? subject : { ...subject, role },
    warnings,
    ...(owner && { owner }),
    ...(refused && { refused }),
  };
}

/** Returns the answer to a pod that `--policy=enforce` refuses. Its controller reports the reason too. */
function forbid(
  { request, pod, subject, decision }: DecidedReview,
  message: string,
  refused: RefusalReport | undefined,
): ReviewAnswer {
  const warnings = limitWarnings(decision.warnings);
  const auditAnnotations = refused && auditAnnotationsOf(refused);
  const owner = reportedOwner(request, pod);
  return {
    status: 200,
    body: writeReview(request.uid, { allowed: false, code: 403, message, warnings, auditAnnotations }),
    result: 'forbidden',
    subject,
    warnings,
    message,
    ...(owner && { owner }),
    ...(refused && { refused }),
  };
}

/** Returns the controller to report warnings to, which sees no others; a dry run has no side effects. */
function reportedOwner({ operation, isDryRun }: ReviewRequest, pod: JsonObject): EventObject | undefined {
  return operation === 'CREATE' && !isDryRun ? podOwner(pod) : undefined;
}

function mutate(request: ReviewRequest, pod: JsonObject, identity: PodIdentity): MutatedPod {
  return request.operation === 'CREATE'
    ? mutatePod(pod, identity)
    : mutateEphemeralContainers(pod, request.oldObject, identity);
}

/** Most roles that a log line names. */
const MAX_LOGGED_ROLES = 5;

/** Returns the pod's role for the log. */
function loggedRole(identity: PodIdentity): string {
  if (identity.kind === 'container-credentials') return identity.kind;
  if (identity.role) return identity.role.roleArn;
  const roles = identity.containerRoles.map(({ roleArn }) => roleArn);
  const more = roles.length - MAX_LOGGED_ROLES;
  return `${roles.slice(0, MAX_LOGGED_ROLES).join(',')}${more > 0 ? ` and ${more} more` : ''}`;
}

const OPERATION_BY_RESOURCE: Readonly<Record<string, string>> = {
  pods: 'CREATE',
  'pods/ephemeralcontainers': 'UPDATE',
};

/** Returns the answer to a review that is not for podrole to handle: the object is allowed as it is. */
function skip({ uid, resource, operation }: ReviewRequest): ReviewAnswer | undefined {
  const expected = Object.hasOwn(OPERATION_BY_RESOURCE, resource)
    ? OPERATION_BY_RESOURCE[resource]
    : undefined;
  if (operation === expected) return undefined;
  const quoted = JSON.stringify(resource.slice(0, 80));
  const warnings = expected
    ? NONE
    : [`podrole changes only pods; its MutatingWebhookConfiguration should not select ${quoted}`];
  return {
    status: 200,
    body: writeReview(uid, { allowed: true, warnings }),
    result: expected ? 'skipped' : 'warned',
    warnings,
  };
}

interface ReadPod {
  readonly pod: JsonObject;
  readonly subject: ReviewSubject;
}

/**
 * Returns the pod of a review, checked as far as a decision needs it. The API server judges everything else
 * in it.
 */
function podOf({ object, namespace }: ReviewRequest): ReadPod | { readonly problem: string } {
  if (!namespace) return { problem: 'the admission request has no request.namespace' };
  if (!isNamespaceName(namespace)) return { problem: `request.namespace must be ${NAMESPACE_RULE}` };
  if (!object || (object['kind'] !== undefined && object['kind'] !== 'Pod')) {
    return { problem: 'request.object is not a Pod' };
  }
  const spec = asObject(object['spec']);
  if (!spec || !asArray(spec['containers'])) return { problem: 'the pod has no list spec.containers' };
  const given = spec['serviceAccountName'] ?? '';
  const serviceAccount = asText(given);
  if (serviceAccount === undefined) return { problem: 'spec.serviceAccountName must be a string' };
  // Such an object cannot exist, so nobody is asked for it. An API server refuses such a pod before it asks
  // podrole.
  if (serviceAccount && !isObjectName(serviceAccount)) {
    return { problem: `spec.serviceAccountName must be ${OBJECT_NAME_RULE}` };
  }
  const metadata = metadataOf(object);
  const pod = (asText(metadata?.['name']) || asText(metadata?.['generateName']) || '').slice(
    0,
    DNS_SUBDOMAIN_MAX_LENGTH,
  );
  return { pod: object, subject: { namespace, pod, serviceAccount: serviceAccount || 'default' } };
}

function failed(subject: ReviewSubject, fault: unknown): ReviewAnswer {
  const known = fault instanceof PodroleError;
  return {
    status: known ? 503 : 500,
    body: JSON.stringify(
      known
        ? { code: fault.code, message: fault.message }
        : { code: 'INTERNAL', message: 'internal fault; see the log of podrole' },
    ),
    result: 'failed',
    subject,
    warnings: NONE,
    fault,
  };
}
