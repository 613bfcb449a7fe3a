import { annotationKey, WEB_IDENTITY_TOKEN_PATH, WEB_IDENTITY_VOLUME } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asText, type JsonObject } from '../lib/json/json.ts';
import type { Random } from '../lib/surroundings.ts';
import { type Annotated, annotatedOf, ownAnnotation, THIS_POD } from './annotated.ts';
import { annotationWarnings } from './annotation-warnings.ts';
import {
  CONTAINER_LIST_MAX_LENGTH,
  parseContainerList,
  parseSkipContainers,
} from './annotations/container-lists.ts';
import { jitterExpiration } from './annotations/token-expiration.ts';
import { type Decided, decideAudience, decideExpiration, decideRegionalSts } from './annotations/values.ts';
import { emptyInclude, oddSkips, tooLongAnnotation, unknownSessionName } from './annotations/warnings.ts';
import type { ConfigMapIdentities } from './config-map.ts';
import { decideEndpoints } from './decide-endpoints.ts';
import { decideSidecar } from './decide-sidecar.ts';
import { isMirrorPod, mirrorPodWarnings } from './mirror-pod.ts';
import type { ContainerList, PodIdentity } from './pod-identity.ts';
import { decideRoles } from './roles.ts';
import type { ServiceAccountFacts } from './service-accounts.ts';
import type { IdentitySettings } from './settings/identity-settings.ts';

/** Facts from which a pod's identity is decided. */
export interface IdentityInput {
  readonly namespace: string;
  readonly serviceAccountName: string;
  /** Undefined if it is certain that there is none of that name. */
  readonly serviceAccount: ServiceAccountFacts | undefined;
  /** `metadata.annotations` of the pod, unchecked. */
  readonly podAnnotations: unknown;
  /** The container-credentials file. */
  readonly containerCredentials: { has(namespace: string, serviceAccountName: string): boolean };
  /** The ConfigMap `pod-identity-webhook`. */
  readonly configMap: Pick<ConfigMapIdentities, 'find'>;
  /**
   * `accountId` and `partition` are filled in if `composeRoleArn` is on. An empty partition means the one of
   * the region.
   */
  readonly settings: IdentitySettings;
  /** For the jitter of container credentials. */
  readonly random: Random;
}

export interface IdentityDecision {
  /** Undefined if the pod has none. */
  readonly identity: PodIdentity | undefined;
  /** Admission warnings, one line each, under 256 characters. */
  readonly warnings: readonly string[];
}

/**
 * Decides the identity of a pod. The first source that names one wins: the container-credentials file,
 * annotations of the ServiceAccount, the ConfigMap. Annotations with a malformed role win over the ConfigMap
 * too: a typing error must not hand out another role.
 */
export function decideIdentity(input: IdentityInput): IdentityDecision {
  const prefix = input.settings.annotationPrefix;
  const annotated = annotatedOf(input);
  const { pod } = annotated;
  if (isMirrorPod(pod)) return { identity: undefined, warnings: mirrorPodWarnings(THIS_POD, pod, prefix) };
  const tooLong = tooLongPodAnnotation(pod, prefix);
  if (tooLong) return { identity: undefined, warnings: [tooLongAnnotation(THIS_POD, tooLong)] };
  const decision = withSidecar(
    containerCredentials(input, annotated) ?? webIdentity(input, annotated),
    input.settings,
    annotated,
  );
  const { identity } = decision;
  return { identity, warnings: [...decision.warnings, ...annotationWarnings(annotated, identity)] };
}

/**
 * Returns the key of a list of container names that is too long to be read. Its effect on any container is
 * unknown, so no container may get an identity.
 */
function tooLongPodAnnotation(pod: JsonObject, prefix: string): string | undefined {
  const { includeContainers, injected } = PODROLE_ANNOTATION;
  const lists = [annotationKey(prefix, 'skipContainers'), includeContainers, injected];
  return lists.find((key) => (asText(pod[key])?.length ?? 0) > CONTAINER_LIST_MAX_LENGTH);
}

function containerCredentials(input: IdentityInput, annotated: Annotated): IdentityDecision | undefined {
  const { namespace, serviceAccountName, serviceAccount, settings } = input;
  if (!input.containerCredentials.has(namespace, serviceAccountName)) return undefined;
  // An unknown ServiceAccount can still have settings in the ConfigMap. [webhook]
  const entry = serviceAccount ? undefined : input.configMap.find(namespace, serviceAccountName);
  const seconds = expirationOf(annotated, entry?.expirationSeconds ?? settings.tokenExpiration);
  const { common, warnings } = commonOf(input, annotated);
  const identity: PodIdentity = {
    ...common,
    ...(entry ? { regionalSts: entry.regionalSts } : {}),
    kind: 'container-credentials',
    mountPath: settings.containerCredentialsTokenMountPath,
    fullUri: settings.containerCredentialsFullUri,
    token: {
      volumeName: settings.containerCredentialsTokenVolumeName,
      audience: settings.containerCredentialsAudience,
      expirationSeconds: jitterExpiration(seconds.value, input.random),
      path: settings.containerCredentialsTokenPath,
    },
  };
  return { identity, warnings: [...seconds.warnings, ...warnings] };
}

function webIdentity(input: IdentityInput, annotated: Annotated): IdentityDecision {
  const { settings } = input;
  const { object, own } = annotated;
  const audience = decideAudience(ownAnnotation(annotated, 'audience'), settings.tokenAudience);
  const expiration = expirationOf(annotated, settings.tokenExpiration);
  const roles = decideRoles({
    object,
    annotations: own,
    audience: audience.value,
    expirationSeconds: expiration.value,
    settings,
  });
  if (!roles) return fromConfigMap(input, annotated);
  const { role, containerRoles, withheld } = roles;
  if (!role && containerRoles.length === 0) return { identity: undefined, warnings: roles.warnings };
  const { common, warnings } = commonOf(input, annotated);
  const skipContainers = [...common.skipContainers, ...withheld];
  const session = sessionNameOf(annotated);
  const { sessionName } = session;
  return {
    identity: { ...common, kind: 'web-identity', skipContainers, role, containerRoles, sessionName },
    warnings: [
      ...roles.warnings,
      ...audience.warnings,
      ...expiration.warnings,
      ...warnings,
      ...session.warnings,
    ],
  };
}

function fromConfigMap(input: IdentityInput, annotated: Annotated): IdentityDecision {
  const entry = input.configMap.find(input.namespace, input.serviceAccountName);
  if (!entry) return { identity: undefined, warnings: [] };
  const { roleArn, audience, regionalSts } = entry;
  // The entry replaces the annotations of the ServiceAccount, all of them. [webhook]
  const expiration = expirationOf({ ...annotated, own: {} }, entry.expirationSeconds);
  const token = {
    volumeName: WEB_IDENTITY_VOLUME,
    audience,
    expirationSeconds: expiration.value,
    path: WEB_IDENTITY_TOKEN_PATH,
  };
  const { common, warnings } = commonOf(input, annotated);
  const session = sessionNameOf(annotated);
  return {
    identity: {
      ...common,
      kind: 'web-identity',
      regionalSts,
      role: { roleArn, token },
      containerRoles: [],
      sessionName: session.sessionName,
    },
    warnings: [...expiration.warnings, ...warnings, ...session.warnings],
  };
}

function commonOf({ namespace, serviceAccountName, settings }: IdentityInput, annotated: Annotated) {
  const { pod, key } = annotated;
  const skipKey = key('skipContainers');
  const skip = parseSkipContainers(asText(pod[skipKey]) ?? '');
  const given = asText(pod[PODROLE_ANNOTATION.includeContainers]);
  const includeContainers = given === undefined ? undefined : parseContainerList(given);
  const regionalSts = decideRegionalSts(
    ownAnnotation(annotated, 'stsRegionalEndpoints'),
    settings.stsRegionalEndpoint,
  );
  const containerLists: ContainerList[] = [
    { annotation: skipKey, names: skip.names },
    { annotation: PODROLE_ANNOTATION.includeContainers, names: includeContainers ?? [] },
  ];
  const { object, own } = annotated;
  const endpoints = decideEndpoints({ object, annotations: own, settings });
  const common = {
    namespace,
    serviceAccountName,
    mountPath: settings.tokenMountPath,
    region: settings.awsDefaultRegion,
    regionalSts: regionalSts.value,
    endpoints: endpoints.endpoints,
    skipContainers: skip.names,
    includeContainers,
    containerLists,
  };
  const warnings = [
    ...endpoints.warnings,
    ...regionalSts.warnings,
    ...oddSkips(THIS_POD, skipKey, skip),
    ...emptyInclude(THIS_POD, includeContainers),
  ];
  return { common, warnings };
}

function expirationOf(annotated: Annotated, fallbackSeconds: number): Decided<number> {
  const key = annotated.key('tokenExpiration');
  const ofPod = { object: THIS_POD, key, value: asText(annotated.pod[key]) };
  return decideExpiration([ofPod, ownAnnotation(annotated, 'tokenExpiration')], fallbackSeconds);
}

function withSidecar(
  { identity, warnings }: IdentityDecision,
  settings: IdentitySettings,
  { object, own, pod }: Annotated,
): IdentityDecision {
  const given = [
    [THIS_POD, asText(pod[PODROLE_ANNOTATION.sidecar])],
    [object, own[PODROLE_ANNOTATION.sidecar]],
  ] as const;
  const hasRole = identity?.kind === 'web-identity' && identity.role !== undefined;
  const decided = decideSidecar({ given, hasRole, settings });
  return {
    identity: hasRole && decided.request ? { ...identity, sidecar: decided.request } : identity,
    warnings: [...warnings, ...decided.warnings],
  };
}

/**
 * The pod's value wins. An empty one turns off what the ServiceAccount asks for; an unknown one counts as
 * absent.
 */
function sessionNameOf({ object, own, pod }: Annotated): {
  readonly sessionName: 'pod' | undefined;
  readonly warnings: readonly string[];
} {
  const warnings: string[] = [];
  const given = [
    [THIS_POD, asText(pod[PODROLE_ANNOTATION.sessionName])],
    [object, own[PODROLE_ANNOTATION.sessionName]],
  ] as const;
  for (const [where, value] of given) {
    if (value === '') break;
    if (value === 'pod') return { sessionName: 'pod', warnings };
    if (value !== undefined) warnings.push(unknownSessionName(where, value));
  }
  return { sessionName: undefined, warnings };
}
