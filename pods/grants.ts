import { posix } from 'node:path';
import type {
  ContainerCredentials,
  PodIdentity,
  ProjectedToken,
  RoleGrant,
  WebIdentity,
} from '../identity/pod-identity.ts';
import { ENV, S3_ENDPOINT_VARIABLE, STS_ENDPOINT_ENV, STS_REGIONAL } from '../lib/contract/sdk.ts';
import { asObject, type JsonObject } from '../lib/json/json.ts';
import { type CaBundleGrant, caBundleGrant, caBundleParts } from './ca-bundle.ts';
import { ENV_PARTS, type EnvGrant, literalPart } from './env-parts.ts';
import { type NamedObject, runsOnWindows } from './pod-parts.ts';
import { sessionNameVariables } from './session-name.ts';
import { accessVariables, type SidecarAccess } from './sidecar/access.ts';
import { INJECTED_NAMES } from './sidecar/plan.ts';

/** Everything that a container gets if it has nothing of it yet. */
export interface Grant {
  readonly volume: NamedObject;
  readonly mount: NamedObject & { readonly mountPath: string };
  /** Volume and mount of the CA certificates that `env` names; undefined if it names none. */
  readonly caBundle: CaBundleGrant | undefined;
  /** In the order in which they are appended. */
  readonly env: readonly EnvGrant[];
}

/** The grants of a pod. */
export interface Grants {
  /** Grant of every container without one of its own; undefined if those get none. */
  readonly common: Grant | undefined;
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
}

/** Returns what each container of the pod gets by its identity. */
export function grantsOf(identity: PodIdentity, pod: JsonObject, options: GrantOptions = {}): Grants {
  const { common, byContainer } =
    identity.kind === 'container-credentials'
      ? { common: containerCredentials(identity, pod), byContainer: NONE }
      : webIdentity(identity, pod, options);
  const isLeftOut = leftOut(identity);
  return {
    common,
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

function webIdentity(identity: WebIdentity, pod: JsonObject, { podNameMaxLength, sidecar }: GrantOptions) {
  const { namespace, role: commonRole, containerRoles, sessionName } = identity;
  const session: readonly EnvGrant[] =
    sessionName === 'pod'
      ? [['session', sessionNameVariables(namespace, asObject(pod['metadata']), podNameMaxLength)]]
      : [];
  const grantOfRole = ({ roleArn, token }: RoleGrant, access: SidecarAccess | undefined) =>
    grantOf({ identity, pod, token }, (tokenFile) => [
      literalPart('web-identity', { [ENV.roleArn]: roleArn, [ENV.webIdentityTokenFile]: tokenFile }),
      ...session,
      ...(access ? [['sidecar', accessVariables(access, tokenFile)] as const] : []),
    ]);
  return {
    common: commonRole && grantOfRole(commonRole, sidecar),
    // The sidecar has only the role of the pod: a container with a role of its own uses web identity.
    byContainer: new Map(containerRoles.map((role) => [role.container, grantOfRole(role, undefined)])),
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

/** Returns the grant for a container that cannot mount the CA certificates. */
export function withoutCaBundle({ env, ...grant }: Grant): Grant {
  return { ...grant, caBundle: undefined, env: env.filter(([part]) => !ENV_PARTS[part].needsCaBundle) };
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
