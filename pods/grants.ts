import { posix } from 'node:path';
import type {
  ContainerCredentials,
  PodIdentity,
  ProjectedToken,
  RoleGrant,
  WebIdentity,
} from '../identity/pod-identity.ts';
import {
  ENV,
  NO_SESSION_TAGS,
  S3_ENDPOINT_VARIABLE,
  STS_ENDPOINT_ENV,
  STS_REGIONAL,
} from '../lib/contract/sdk.ts';
import { asObject, type JsonObject } from '../lib/json/json.ts';
import { agentPart, agentTokenGrant } from './agent-token.ts';
import { caBundleGrant, caBundleParts } from './ca-bundle.ts';
import { ENV_PARTS, type EnvGrant, literalPart } from './env-parts.ts';
import type { FurtherVolume, MountedVolume } from './mounted-volume.ts';
import { type NamedObject, runsOnWindows } from './pod-parts.ts';
import { sessionNameVariables } from './session-name.ts';
import { accessVariables, type SidecarAccess } from './sidecar/access.ts';
import { INJECTED_NAMES } from './sidecar/plan.ts';

/** Everything that a container gets if it has nothing of it yet. */
export interface Grant extends MountedVolume {
  /** Volume and mount of the CA certificates that `env` names; undefined if it names none. */
  readonly caBundle: MountedVolume | undefined;
  /** Volume and mount of the token for the agent that `env` names; undefined if it names none. */
  readonly agentToken: MountedVolume | undefined;
  /** In the order in which they are appended. */
  readonly env: readonly EnvGrant[];
}

/** The grants of a pod. */
export interface Grants {
  /** Grant of every container without one of its own; undefined if those get none. */
  readonly common: Grant | undefined;
  /** Grant of the sidecar; undefined if there is no sidecar. */
  readonly ofSidecar: Grant | undefined;
  /** True for a container that is skipped, not included, or added by podrole itself. */
  isLeftOut(container: string): boolean;
  /** Returns the grant of a container; undefined if it gets none. */
  of(container: string): Grant | undefined;
}

export interface GrantOptions {
  /** Longest name that the pod can have, in characters, if it has neither name nor generateName. */
  readonly podNameMaxLength?: number | undefined;
  /**
   * Access to the pod's sidecar, which hands out the credentials of the pod's role; undefined if there is no
   * sidecar.
   */
  readonly sidecar?: SidecarAccess | undefined;
  /** True if the agent of the node hands out the credentials of all its roles. */
  readonly isByAgent?: boolean;
}

/** Returns what each container of the pod gets by its identity. */
export function grantsOf(identity: PodIdentity, pod: JsonObject, options: GrantOptions = {}): Grants {
  const { common, ofSidecar, byContainer } =
    identity.kind === 'container-credentials'
      ? { common: containerCredentials(identity, pod), ofSidecar: undefined, byContainer: NONE }
      : webIdentity(identity, pod, options);
  const isLeftOut = leftOut(identity);
  return {
    common,
    ofSidecar,
    isLeftOut,
    of: (container) => (isLeftOut(container) ? undefined : (byContainer.get(container) ?? common)),
  };
}

const NONE: ReadonlyMap<string, Grant> = new Map();

function containerCredentials(identity: ContainerCredentials, pod: JsonObject): Grant {
  return grantOf({ identity, pod, token: identity.token }, (tokenFile) => [
    literalPart('container-credentials', {
      [ENV.containerCredentialsFullUri]: identity.fullUri,
      [ENV.containerAuthorizationTokenFile]: tokenFile,
    }),
  ]);
}

function webIdentity(identity: WebIdentity, pod: JsonObject, options: GrantOptions) {
  const { role, containerRoles } = identity;
  const { sidecar, isByAgent = false } = options;
  const session = sessionOf(identity, pod, options);
  const grantOfRole = (token: ProjectedToken, credentials: (tokenFile: string) => readonly EnvGrant[]) =>
    grantOf({ identity, pod, token }, credentials);
  const byAgent = (one: RoleGrant, container: string | undefined): Grant => ({
    ...grantOfRole(one.token, (file) => [agentRole(one, file), ...session, agentPart()]),
    agentToken: agentTokenGrant(container, one.token.expirationSeconds),
  });
  const byItself = (one: RoleGrant, access?: SidecarAccess): Grant =>
    grantOfRole(one.token, (file) => [
      webIdentityPart(one, file),
      ...session,
      ...(access ? [['sidecar', accessVariables(access, file)] as const] : []),
    ]);
  const toSidecar = ({ token, target }: RoleGrant, access: SidecarAccess): Grant =>
    grantOfRole(token, (file) => [
      literalPart('target-role', { [ENV.targetRoleArn]: target?.roleArn ?? '' }),
      ['sidecar', accessVariables(access, file)],
    ]);
  const commonOf = (one: RoleGrant): Grant | undefined => {
    if (isByAgent) return byAgent(one, undefined);
    if (!one.target) return byItself(one, sidecar);
    // With the token, an SDK would get the role that only assumes the target.
    return sidecar && toSidecar(one, sidecar);
  };
  const ofSidecar = (one: RoleGrant): Grant =>
    grantOfRole(one.token, (file) => [webIdentityPart(one, file), ...session]);
  return {
    common: role && commonOf(role),
    ofSidecar: sidecar && role && ofSidecar(role),
    // The sidecar has only the role of the pod: a container with a role of its own uses web identity.
    byContainer: new Map(
      containerRoles.map((one) => [one.container, isByAgent ? byAgent(one, one.container) : byItself(one)]),
    ),
  };
}

function sessionOf(
  { namespace, sessionName }: WebIdentity,
  pod: JsonObject,
  { podNameMaxLength }: GrantOptions,
): readonly EnvGrant[] {
  if (sessionName === undefined) return [];
  if (sessionName !== 'pod') return [literalPart('session', { [ENV.roleSessionName]: sessionName.name })];
  return [['session', sessionNameVariables(namespace, asObject(pod['metadata']), podNameMaxLength)]];
}

function webIdentityPart({ roleArn }: RoleGrant, tokenFile: string): EnvGrant {
  return literalPart('web-identity', { [ENV.roleArn]: roleArn, [ENV.webIdentityTokenFile]: tokenFile });
}

function agentRole({ roleArn, target }: RoleGrant, tokenFile: string): EnvGrant {
  return literalPart('agent-role', {
    [ENV.roleArn]: roleArn,
    [ENV.tokenFile]: tokenFile,
    ...targetVariables(target),
  });
}

/** Returns the variables that name a target role to whoever assumes it. */
export function targetVariables(target: RoleGrant['target']): Readonly<Record<string, string>> {
  if (!target) return {};
  return {
    [ENV.targetRoleArn]: target.roleArn,
    ...(target.hasSessionTags ? {} : { [ENV.sessionTags]: NO_SESSION_TAGS }),
  };
}

interface GrantInput {
  readonly identity: PodIdentity;
  readonly pod: JsonObject;
  readonly token: ProjectedToken;
}

function grantOf(
  { identity: { mountPath, regionalSts, region, endpoints }, pod, token }: GrantInput,
  credentials: (tokenFile: string) => readonly EnvGrant[],
): Grant {
  // Mount paths stay POSIX paths: the container runtime on Windows accepts them. [webhook]
  const isWindows = runsOnWindows(asObject(pod['spec']));
  const inContainer = (path: string) => (isWindows ? `C:${path.replaceAll('/', '\\')}` : path);
  const { stsEndpointUrl, s3EndpointUrl, caBundle } = endpoints;
  return {
    volume: volumeOf(token),
    mount: { name: token.volumeName, readOnly: true, mountPath },
    caBundle: caBundle && caBundleGrant(caBundle),
    agentToken: undefined,
    env: [
      ...(regionalSts ? [literalPart('sts', { [ENV.stsRegionalEndpoints]: STS_REGIONAL })] : []),
      ...(region ? [literalPart('region', { [ENV.defaultRegion]: region, [ENV.region]: region })] : []),
      ...(stsEndpointUrl
        ? [literalPart('sts-endpoint', { [STS_ENDPOINT_ENV.endpointUrlSts]: stsEndpointUrl })]
        : []),
      ...(s3EndpointUrl ? [literalPart('s3-endpoint', { [S3_ENDPOINT_VARIABLE]: s3EndpointUrl })] : []),
      ...(caBundle ? caBundleParts(inContainer) : []),
      ...credentials(inContainer(posix.join(mountPath, token.path))),
    ],
  };
}

/** Returns the grant for a container that cannot mount a volume. */
export function withoutVolume({ env, ...grant }: Grant, volume: FurtherVolume): Grant {
  return { ...grant, [volume]: undefined, env: env.filter(([part]) => ENV_PARTS[part].needs !== volume) };
}

/**
 * Returns a check for the containers that get no grant: skipped, not included, or added by podrole itself.
 */
function leftOut(identity: PodIdentity): (container: string) => boolean {
  const added = identity.kind === 'web-identity' && identity.sidecar ? INJECTED_NAMES : [];
  const skipped = new Set([...identity.skipContainers, ...added]);
  const included = identity.includeContainers && new Set(identity.includeContainers);
  return (container) => skipped.has(container) || included?.has(container) === false;
}

function volumeOf({ volumeName, audience, expirationSeconds, path }: ProjectedToken): NamedObject {
  const serviceAccountToken = { audience, expirationSeconds, path };
  return { name: volumeName, projected: { sources: [{ serviceAccountToken }] } };
}
