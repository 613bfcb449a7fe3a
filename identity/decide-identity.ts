import {
  annotationKey,
  IDENTITY_CONFIG_MAP,
  WEB_IDENTITY_TOKEN_PATH,
  WEB_IDENTITY_VOLUME,
} from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asText, type JsonObject } from '../lib/json/json.ts';
import type { Random } from '../lib/surroundings.ts';
import type { NamespaceFacts } from '../policy/namespace-facts.ts';
import type { RolePolicy } from '../policy/role-policy.ts';
import type { PolicySettings } from '../policy/settings.ts';
import { type Annotated, annotatedOf, ownAnnotation, THIS_POD } from './annotated.ts';
import { annotationWarnings } from './annotation-warnings.ts';
import {
  CONTAINER_LIST_MAX_LENGTH,
  parseContainerList,
  parseSkipContainers,
} from './annotations/container-lists.ts';
import { jitterExpiration } from './annotations/token-expiration.ts';
import { type Decided, decideAudience, decideExpiration, decideRegionalSts } from './annotations/values.ts';
import { emptyInclude, oddSkips, tooLongAnnotation } from './annotations/warnings.ts';
import type { ConfigMapIdentities } from './config-map.ts';
import { decideEndpoints } from './decide-endpoints.ts';
import { isMirrorPod, mirrorPodWarnings } from './mirror-pod.ts';
import type { ContainerList, PodIdentity } from './pod-identity.ts';
import { type JudgedInput, type Judgement, judgeRoles, type RefusedRole } from './pod-role/judge-roles.ts';
import { baseRoleArnOf, readPodRole } from './pod-role/read-pod-role.ts';
import { decideRoles, type NamedRole } from './roles.ts';
import type { ServiceAccountFacts } from './service-accounts.ts';
import { decideSessionName } from './session-name.ts';
import type { IdentitySettings } from './settings/identity-settings.ts';
import { withTarget } from './target-role.ts';
import { withService } from './with-service.ts';

/**
 * Settings from which an identity is decided. Without those of the policy, pods cannot name a role, and a
 * refused role is only warned of.
 */
export type DecisionSettings = IdentitySettings & Partial<Omit<PolicySettings, 'rolePolicyFile'>>;

/** Rules for the roles of a pod. */
export interface DecisionRules {
  /** Namespace of the pod; undefined if it does not exist. */
  readonly namespace: NamespaceFacts | undefined;
  /** The policy file; undefined without one. */
  readonly policy: RolePolicy | undefined;
}

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
  readonly settings: DecisionSettings;
  /** Absent if no rules are in use: then only a role that a pod names is refused. */
  readonly rules?: DecisionRules;
  /** For the jitter of container credentials. */
  readonly random: Random;
}

export interface IdentityDecision {
  /** Undefined if the pod has none. */
  readonly identity: PodIdentity | undefined;
  /** Admission warnings, one line each, under 256 characters. */
  readonly warnings: readonly string[];
  /** Roles that a rule refuses. The pod gets one nevertheless if it did not name it and is not denied. */
  readonly refusals: readonly RefusedRole[];
  /** Reason, in one line, why the pod must be refused; only with `--policy=enforce`. */
  readonly denial?: string;
}

/**
 * Decides the identity of a pod. The first source that names one wins: the container-credentials file, the
 * annotation of the pod, annotations of the ServiceAccount, the ConfigMap. An annotation with a malformed
 * role wins too: a typing error must not hand out another role. A role that the pod names and that a rule
 * refuses leaves it without any.
 */
export function decideIdentity(input: IdentityInput): IdentityDecision {
  const prefix = input.settings.annotationPrefix;
  const annotated = annotatedOf(input);
  const { pod } = annotated;
  if (isMirrorPod(pod)) return withoutIdentity(mirrorPodWarnings(annotated));
  const tooLong = tooLongPodAnnotation(pod, prefix);
  if (tooLong) return withoutIdentity([tooLongAnnotation(THIS_POD, tooLong)]);
  const decision = containerCredentials(input, annotated) ?? webIdentity(input, annotated);
  const { identity, warnings } = withService(decision.identity, input.settings, annotated);
  return {
    ...decision,
    identity,
    warnings: [...decision.warnings, ...warnings, ...annotationWarnings(annotated, identity)],
  };
}

function withoutIdentity(warnings: readonly string[]): IdentityDecision {
  return { identity: undefined, warnings, refusals: [] };
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
  return { identity, warnings: [...seconds.warnings, ...warnings], refusals: [] };
}

function webIdentity(input: IdentityInput, annotated: Annotated): IdentityDecision {
  const { settings } = input;
  const { object, own, pod } = annotated;
  const audience = decideAudience(ownAnnotation(annotated, 'audience'), settings.tokenAudience);
  const expiration = expirationOf(annotated, settings.tokenExpiration);
  const found = decideRoles({
    object,
    annotations: own,
    podRole: readPodRole(pod, settings),
    audience: audience.value,
    expirationSeconds: expiration.value,
    settings,
  });
  if (!found) return fromConfigMap(input, annotated);
  const roles = withTarget(found, annotated, settings);
  const { role, containerRoles, withheld, named } = roles;
  if (named.length === 0) return withoutIdentity(roles.warnings);
  const judged = judgeRoles(named, judgedInput(input));
  if (judged.isWithheld) return withheldBy(judged, roles.warnings);
  const { common, warnings } = commonOf(input, annotated);
  const skipContainers = [...common.skipContainers, ...withheld];
  const { sessionName, warnings: ofSession } = decideSessionName(annotated);
  return {
    identity: { ...common, kind: 'web-identity', skipContainers, role, containerRoles, sessionName },
    warnings: [
      ...roles.warnings,
      ...judged.warnings,
      ...audience.warnings,
      ...expiration.warnings,
      ...warnings,
      ...ofSession,
    ],
    refusals: judged.refusals,
  };
}

function judgedInput({ namespace, serviceAccountName, rules, settings }: IdentityInput): JudgedInput {
  return {
    namespace,
    serviceAccount: serviceAccountName,
    mode: settings.policy ?? 'warn',
    rules: rules && {
      ...rules,
      allowedRolesFormat: settings.namespaceRestrictionFormat ?? 'glob',
      baseRoleArn: baseRoleArnOf(settings),
    },
  };
}

/** Returns the decision about a pod that gets no role since one is refused. */
function withheldBy({ warnings, refusals, denial }: Judgement, ofRoles: readonly string[]): IdentityDecision {
  const decision = { identity: undefined, warnings: [...ofRoles, ...warnings], refusals };
  return denial === undefined ? decision : { ...decision, denial };
}

function fromConfigMap(input: IdentityInput, annotated: Annotated): IdentityDecision {
  const entry = input.configMap.find(input.namespace, input.serviceAccountName);
  if (!entry) return withoutIdentity([]);
  const { roleArn, audience, regionalSts } = entry;
  const named: NamedRole = {
    object: `ConfigMap ${IDENTITY_CONFIG_MAP.name}`,
    origin: `its entry for ${annotated.object}`,
    given: roleArn,
    roleArn,
    namedBy: 'config-map',
  };
  // The entry replaces the annotations of the ServiceAccount, all of them. [webhook]
  const expiration = expirationOf({ ...annotated, own: {} }, entry.expirationSeconds);
  const token = {
    volumeName: WEB_IDENTITY_VOLUME,
    audience,
    expirationSeconds: expiration.value,
    path: WEB_IDENTITY_TOKEN_PATH,
  };
  const ofEntry = {
    role: { roleArn, token },
    named: [named],
    containerRoles: [],
    withheld: [],
    warnings: [],
  };
  const roles = withTarget(ofEntry, annotated, input.settings);
  if (roles.named.length === 0) return withoutIdentity(roles.warnings);
  const judged = judgeRoles(roles.named, judgedInput(input));
  if (judged.isWithheld) return withheldBy(judged, roles.warnings);
  const { common, warnings } = commonOf(input, annotated);
  const { sessionName, warnings: ofSession } = decideSessionName(annotated);
  const { role, containerRoles } = roles;
  return {
    identity: { ...common, kind: 'web-identity', regionalSts, role, containerRoles, sessionName },
    warnings: [...roles.warnings, ...judged.warnings, ...expiration.warnings, ...warnings, ...ofSession],
    refusals: judged.refusals,
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
