import { warningsWithoutServiceAccount } from '../identity/annotation-warnings.ts';
import { misspeltAnnotation } from '../identity/annotations/names.ts';
import { NO_CONFIG_MAP_IDENTITIES } from '../identity/config-map.ts';
import type { ContainerCredentialsSet } from '../identity/container-credentials-config.ts';
import { decideIdentity } from '../identity/decide-identity.ts';
import { isMirrorPod } from '../identity/mirror-pod.ts';
import type { ServiceAccountFacts, ServiceAccountSource } from '../identity/service-accounts.ts';
import type { IdentitySettings } from '../identity/settings/identity-settings.ts';
import { annotationKey, SKIP_POD_LABEL } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import { mutatePod } from '../pods/mutate-pod.ts';
import { readOwnership } from '../pods/ownership-record.ts';
import type { FoundPod } from './pod-templates/find-pods.ts';

/** Input of the decision about identities, the same as in the webhook. */
export interface InjectionFacts {
  /** With account and partition filled in if `composeRoleArn` is on. */
  readonly settings: IdentitySettings;
  readonly serviceAccounts: ServiceAccountSource;
  readonly containerCredentials: ContainerCredentialsSet;
}

export interface InjectedPod {
  /** The same object if nothing changed. */
  readonly pod: JsonObject;
  readonly warnings: readonly string[];
  /** ServiceAccount that the pod names and that was not found: `shop/web`. The pod is left unchanged. */
  readonly unknownServiceAccount?: string;
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
  const named = asText(spec?.['serviceAccountName']) || asText(spec?.['serviceAccount']);
  const serviceAccountName = named || 'default';
  if (SKIP_POD_LABEL in (asObject(metadata?.['labels']) ?? {})) {
    return { pod: mutatePod(pod, undefined).pod, warnings: [] };
  }
  const podAnnotations = metadata?.['annotations'];
  const isMirror = isMirrorPod(asObject(podAnnotations) ?? {});
  const serviceAccount = isMirror
    ? undefined
    : await facts.serviceAccounts.find(namespace, serviceAccountName);
  if (!serviceAccount && !isMirror && !facts.containerCredentials.has(namespace, serviceAccountName)) {
    const { settings } = facts;
    const warnings = warningsWithoutServiceAccount({
      namespace,
      serviceAccountName,
      podAnnotations,
      settings,
    });
    // Every namespace has a ServiceAccount `default`, which manifests hardly ever contain. Its absence
    // matters only if it had a role.
    const isExpected = named || readOwnership(pod);
    return isExpected
      ? { pod, warnings, unknownServiceAccount: `${namespace}/${serviceAccountName}` }
      : { pod, warnings };
  }
  const { identity, warnings } = decideIdentity({
    ...facts,
    namespace,
    serviceAccountName,
    serviceAccount,
    podAnnotations,
    configMap: NO_CONFIG_MAP_IDENTITIES,
    random: NO_JITTER,
  });
  if (!identity) {
    const isMistake =
      serviceAccount !== undefined && namesRole(serviceAccount, facts.settings.annotationPrefix);
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

/**
 * True if an annotation names a role, even with a misspelt key: a typing error must not remove a role from a
 * manifest.
 */
function namesRole({ annotations }: ServiceAccountFacts, prefix: string): boolean {
  const naming = [annotationKey(prefix, 'roleArn'), PODROLE_ANNOTATION.containerRoles];
  return Object.entries(annotations).some(
    ([key, value]) => value !== '' && naming.includes(misspeltAnnotation(key, prefix) ?? key),
  );
}
