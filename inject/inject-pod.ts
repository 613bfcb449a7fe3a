import { misspeltAnnotation } from '../identity/annotation-names.ts';
import { NO_CONFIG_MAP_IDENTITIES } from '../identity/config-map.ts';
import type { ContainerCredentialsSet } from '../identity/container-credentials-config.ts';
import { decideIdentity } from '../identity/decide-identity.ts';
import type { ServiceAccountFacts, ServiceAccountSource } from '../identity/service-accounts.ts';
import type { IdentitySettings } from '../identity/settings.ts';
import { annotationKey, SKIP_POD_LABEL } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import { mutatePod } from '../pods/mutate-pod.ts';
import { readOwnership } from '../pods/ownership-record.ts';
import type { FoundPod } from './pod-templates.ts';

/** What identities are decided from, as in the webhook. */
export interface InjectionFacts {
  /** With account and partition filled in where `composeRoleArn` is on. */
  readonly settings: IdentitySettings;
  readonly serviceAccounts: ServiceAccountSource;
  readonly containerCredentials: ContainerCredentialsSet;
}

export interface InjectedPod {
  /** The same object where nothing changed. */
  readonly pod: JsonObject;
  readonly warnings: readonly string[];
  /** `shop/web`: the ServiceAccount that the pod names and that is not to be found; the pod is left as it is. */
  readonly unknownServiceAccount?: string;
}

/**
 * The least of the random numbers that give the longest expiration: a manifest that changed with every run would be no use in Git.
 */
const NO_JITTER = () => 1 - Number.EPSILON;

/**
 * What the webhook makes of a pod, and the annotation that says what was added, by which a later run brings it up to date or takes
 * it out. A pod with the opt-out label loses what was added.
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
  const serviceAccount = await facts.serviceAccounts.find(namespace, serviceAccountName);
  if (!serviceAccount && !facts.containerCredentials.has(namespace, serviceAccountName)) {
    // Every namespace has a ServiceAccount `default`, hardly ever written down: its absence says something only where it had a role.
    const isExpected = named || readOwnership(pod);
    return isExpected
      ? { pod, warnings: [], unknownServiceAccount: `${namespace}/${serviceAccountName}` }
      : { pod, warnings: [] };
  }
  const { identity, warnings } = decideIdentity({
    ...facts,
    namespace,
    serviceAccountName,
    serviceAccount,
    podAnnotations: metadata?.['annotations'],
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
  return { pod: mutated.pod, warnings: [...warnings, ...mutated.warnings] };
}

/** Whether an annotation names a role, however badly spelt: a typing error must not take a role out of a manifest. */
function namesRole({ annotations }: ServiceAccountFacts, prefix: string): boolean {
  const naming = [annotationKey(prefix, 'roleArn'), PODROLE_ANNOTATION.containerRoles];
  return Object.entries(annotations).some(
    ([key, value]) => value !== '' && naming.includes(misspeltAnnotation(key, prefix) ?? key),
  );
}
