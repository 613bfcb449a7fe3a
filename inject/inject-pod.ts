import { warningsWithoutServiceAccount } from '../identity/annotation-warnings.ts';
import { misspeltAnnotation, misspeltAnnotations } from '../identity/annotations/names.ts';
import { NO_CONFIG_MAP_IDENTITIES } from '../identity/config-map.ts';
import type { ContainerCredentialsSet } from '../identity/container-credentials-config.ts';
import { type DecisionRules, type DecisionSettings, decideIdentity } from '../identity/decide-identity.ts';
import { isMirrorPod } from '../identity/mirror-pod.ts';
import { type NamespaceNeed, needsNamespace } from '../identity/needs-namespace.ts';
import type { RefusedRole } from '../identity/pod-role/judge-roles.ts';
import type { ServiceAccountFacts, ServiceAccountSource } from '../identity/service-accounts.ts';
import { annotationKey, SKIP_POD_LABEL } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import { mutatePod } from '../pods/mutate-pod.ts';
import { readOwnership } from '../pods/ownership-record.ts';
import type { NamespaceSource } from '../policy/namespace-facts.ts';
import type { RolePolicy } from '../policy/role-policy.ts';
import type { FoundPod } from './pod-templates/find-pods.ts';

/** Sources of the rules for roles. */
export interface InjectionRules {
  readonly settings: NamespaceNeed['settings'];
  /** Undefined from it means unknown. */
  readonly namespaces: NamespaceSource;
  /** The policy file; undefined without one. */
  readonly policy: RolePolicy | undefined;
}

/** Input of the decision about identities, the same as in the webhook. */
export interface InjectionFacts {
  /** With account and partition filled in if `composeRoleArn` is on. */
  readonly settings: DecisionSettings;
  /** Undefined if no rules are in use. */
  readonly rules?: InjectionRules | undefined;
  readonly serviceAccounts: ServiceAccountSource;
  readonly containerCredentials: ContainerCredentialsSet;
}

export interface InjectedPod {
  /** The same object if nothing changed. */
  readonly pod: JsonObject;
  readonly warnings: readonly string[];
  /** Object that decides about the pod and was not found. The pod is left unchanged. */
  readonly unknown?: UnknownObject;
  /** Refused roles for which the webhook would refuse the pod. It is left unchanged. */
  readonly denied?: readonly RefusedRole[];
}

export interface UnknownObject {
  readonly kind: 'ServiceAccount' | 'Namespace';
  /** `shop/web`, `shop`. */
  readonly name: string;
}

/**
 * Random number for the longest expiration: a manifest that changed with every run would be useless in Git.
 */
const NO_JITTER = () => 1 - Number.EPSILON;

/**
 * Changes a pod as the webhook does, and annotates it with a record of what was added. A later run uses the
 * record to bring the additions up to date or to remove them. A pod with the opt-out label loses them.
 */
export async function injectPod(found: FoundPod, facts: InjectionFacts): Promise<InjectedPod> {
  const { pod, namespace, podNameMaxLength } = found;
  const spec = asObject(pod['spec']);
  const metadata = metadataOf(pod);
  const givenName = asText(spec?.['serviceAccountName']) || asText(spec?.['serviceAccount']);
  const serviceAccountName = givenName || 'default';
  if (SKIP_POD_LABEL in (asObject(metadata?.['labels']) ?? {})) {
    return { pod: mutatePod(pod, undefined).pod, warnings: [] };
  }
  const podAnnotations = metadata?.['annotations'];
  const isMirror = isMirrorPod(asObject(podAnnotations) ?? {});
  const serviceAccount = isMirror
    ? undefined
    : await facts.serviceAccounts.find(namespace, serviceAccountName);
  const { settings, containerCredentials } = facts;
  const named = { namespace, serviceAccountName, podAnnotations, settings };
  if (!serviceAccount && !isMirror && !containerCredentials.has(namespace, serviceAccountName)) {
    const warnings = warningsWithoutServiceAccount(named);
    // Every namespace has a ServiceAccount `default`, which manifests hardly ever contain. Its absence
    // matters only if the pod has a role, or names one.
    const isExpected = givenName || readOwnership(pod) || namesRole(podAnnotations, settings);
    const unknown = { kind: 'ServiceAccount', name: `${namespace}/${serviceAccountName}` } as const;
    return isExpected ? { pod, warnings, unknown } : { pod, warnings };
  }
  const judged = { ...named, serviceAccount, containerCredentials, configMap: NO_CONFIG_MAP_IDENTITIES };
  const rules = facts.rules && (await rulesOf(facts.rules, judged));
  if (rules === 'unknown') {
    const unknown = { kind: 'Namespace', name: namespace } as const;
    return { pod, warnings: warningsWithoutServiceAccount(named), unknown };
  }
  const decision = decideIdentity({ ...judged, ...(rules && { rules }), random: NO_JITTER });
  const { identity, warnings, refusals, denial } = decision;
  if (denial !== undefined) return { pod, warnings, denied: refusals };
  if (!identity) {
    // A role that only assumes another one must not stay: whoever uses it works on the wrong account.
    const hasTarget = Boolean(serviceAccount?.annotations[PODROLE_ANNOTATION.targetRoleArn]);
    const isMistake =
      refusals.length === 0 &&
      !hasTarget &&
      (accountNamesRole(serviceAccount, settings.annotationPrefix) || namesRole(podAnnotations, settings));
    return { pod: isMistake ? pod : mutatePod(pod, undefined).pod, warnings };
  }
  const mutated = mutatePod(pod, identity, {
    recordOwnership: true,
    ...(podNameMaxLength === undefined ? {} : { podNameMaxLength }),
  });
  return {
    pod: mutated.pod,
    warnings: [...warnings, ...mutated.warnings, ...namelessWarnings(pod, mutated.pod)],
  };
}

/** The record goes by the names of containers, so a container without a name cannot be updated later. */
function namelessWarnings(before: JsonObject, after: JsonObject): readonly string[] {
  const containersOf = (pod: JsonObject) =>
    ['initContainers', 'containers'].flatMap((member) => asArray(asObject(pod['spec'])?.[member]) ?? []);
  const old = new Set(containersOf(before));
  const isNameless = (container: unknown) => !old.has(container) && !asText(asObject(container)?.['name']);
  return containersOf(after).some(isNameless)
    ? ['a container has no name, so a later run cannot update or remove its role; give it a name']
    : [];
}

/** Returns the rules for the roles of a pod; undefined if none can matter to it. */
async function rulesOf(
  { settings, namespaces, policy }: InjectionRules,
  pod: Omit<NamespaceNeed, 'settings'>,
): Promise<DecisionRules | 'unknown' | undefined> {
  if (!needsNamespace({ ...pod, settings })) return undefined;
  const namespace = await namespaces.find(pod.namespace);
  return namespace ? { namespace, policy } : 'unknown';
}

/**
 * True if an annotation names a role, even with a misspelt key: a typing error must not remove a role from a
 * manifest.
 */
function accountNamesRole(account: ServiceAccountFacts | undefined, prefix: string): boolean {
  const naming = [annotationKey(prefix, 'roleArn'), PODROLE_ANNOTATION.containerRoles];
  return Object.entries(account?.annotations ?? {}).some(
    ([key, value]) => value !== '' && naming.includes(misspeltAnnotation(key, prefix) ?? key),
  );
}

/** The same for the annotation by which a pod names its role. */
function namesRole(
  podAnnotations: unknown,
  { annotationPrefix, podRoleAnnotation }: DecisionSettings,
): boolean {
  const given = asObject(podAnnotations) ?? {};
  if (podRoleAnnotation === undefined) return false;
  const isGiven = (key: string) => Object.hasOwn(given, key) && given[key] !== '' && given[key] !== null;
  const misspelt = misspeltAnnotations(Object.keys(given), annotationPrefix, podRoleAnnotation);
  return (
    isGiven(podRoleAnnotation) ||
    misspelt.some(({ written, meant }) => meant === podRoleAnnotation && isGiven(written))
  );
}
