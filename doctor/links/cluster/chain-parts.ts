import { parseContainerRoles } from '../../../identity/annotations/container-roles.ts';
import { annotationKey, WEB_IDENTITY_VOLUME } from '../../../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../../../lib/contract/podrole.ts';
import { ENV } from '../../../lib/contract/sdk.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { ServiceAccountFacts } from '../../facts/cluster-facts.ts';
import type { ContainerFacts, PodFacts } from '../../facts/pod-facts.ts';
import { valueIn } from '../../facts/value-in.ts';
import { isInjected, isLeftOutOf } from '../../workload/left-out.ts';
import { exchangingContainer } from '../../workload/mounted-token.ts';
import { shownValueOf } from '../../workload/variables.ts';

/** `ServiceAccount shop/web` */
export function describeServiceAccount({ subject, serviceAccountName: name }: ChainFacts): string {
  return `ServiceAccount ${subject.namespace}/${name}`;
}

/** `Pod shop/web-0` */
export function describePod({ namespace, name }: Pick<PodFacts, 'namespace' | 'name'>): string {
  return `Pod ${namespace}/${name}`;
}

export interface ChainContainers {
  /** Containers that should have the role of this chain. */
  readonly own: readonly ContainerFacts[];
  /** Names of those that the annotations of the pod leave without it. */
  readonly leftOut: readonly string[];
}

/** Returns the containers of a pod that a chain is about. An ephemeral container is not one of them. */
export function containersOf({ container, cluster, settings }: ChainFacts, pod: PodFacts): ChainContainers {
  const isLeftOut = isLeftOutOf(pod, settings.annotationPrefix);
  const list = valueIn(cluster.serviceAccount)?.annotations[PODROLE_ANNOTATION.containerRoles] ?? '';
  const parsed = parseContainerRoles(list);
  const withOwnRole = new Set('entries' in parsed ? parsed.entries.map(([name]) => name) : []);
  const all = pod.containers.filter(
    ({ name, kind }) =>
      kind !== 'ephemeral' &&
      !isInjected(name) &&
      (container === undefined ? !withOwnRole.has(name) : name === container),
  );
  return {
    own: all.filter(({ name }) => !isLeftOut(name)),
    leftOut: all.map(({ name }) => name).filter(isLeftOut),
  };
}

/** Returns true if a container of the pod has the role of the chain. */
export function hasGrant(facts: ChainFacts, pod: PodFacts | undefined): boolean {
  const roleArn = facts.grant?.roleArn;
  if (!pod || roleArn === undefined) return false;
  return containersOf(facts, pod).own.some(
    (container) => shownValueOf(exchangingContainer(pod, container), ENV.roleArn) === roleArn,
  );
}

/** Returns true if the token volume of a pod comes from a webhook, and not from its manifest. */
export function isByWebhook({ annotations, tokenVolumes }: PodFacts): boolean {
  return (
    annotations[PODROLE_ANNOTATION.injected] === undefined &&
    tokenVolumes.some(({ volume }) => volume.startsWith(WEB_IDENTITY_VOLUME))
  );
}

/** Key of the annotation that decides about a chain. */
export function keyOf({ container, podRole, settings }: ChainFacts): string {
  if (podRole) return podRole.key;
  return container === undefined
    ? annotationKey(settings.annotationPrefix, 'roleArn')
    : PODROLE_ANNOTATION.containerRoles;
}

/** The annotation was removed after the webhook had given the judged pod its role: the next pod gets none. */
export function hasLostAnnotation(facts: ChainFacts, own: ServiceAccountFacts | undefined): boolean {
  const tried = valueIn(facts.cluster.dryRun)?.pod;
  const pod = valueIn(facts.cluster.pod);
  return (
    own !== undefined &&
    !facts.podRole &&
    !own.annotations[keyOf(facts)] &&
    tried !== undefined &&
    !hasGrant(facts, tried) &&
    pod !== undefined &&
    isByWebhook(pod)
  );
}
