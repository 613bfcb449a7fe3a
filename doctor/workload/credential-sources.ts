import { METADATA_ADDRESS, POD_IDENTITY_ADDRESS } from '../../lib/contract/imds.ts';
import { KUBE2IAM_ROLE_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import { INJECTED_CONTAINER } from '../../lib/contract/podrole.ts';
import { CREDENTIALS_ENV, ENV, SHADOWING_ENV } from '../../lib/contract/sdk.ts';
import type { NodeAgentFacts } from '../facts/cluster-facts.ts';
import type { ContainerFacts, PodFacts } from '../facts/pod-facts.ts';
import { isInjected } from './left-out.ts';
import { isSet, shownValueOf } from './variables.ts';

/** Place from which the SDK of a container may take its credentials. */
export type SourceKind =
  | 'static keys'
  | 'profile'
  | 'web identity'
  /** Container credentials from an address in the pod: podrole's sidecar. */
  | 'sidecar'
  | 'EKS Pod Identity'
  /** Container credentials and instance metadata from podrole's agent of the node. */
  | 'podrole agent'
  /** Container credentials from another address. */
  | 'container endpoint'
  /** Instance metadata, which podrole's sidecar answers. */
  | 'sidecar metadata'
  | 'kube2iam'
  | 'kiam'
  /** Instance metadata of the node, with the role of its instance profile. */
  | 'node role';

export interface CredentialSource {
  readonly kind: SourceKind;
  /** Variable, mount or annotation that sets it up. */
  readonly by: string;
  /** False if it depends on what is not seen here, such as the content of a file. */
  readonly isCertain: boolean;
}

export interface ContainerSources {
  readonly container: string;
  /** In the order in which SDKs look. */
  readonly sources: readonly CredentialSource[];
  /** The first certain one. */
  readonly winner: CredentialSource | undefined;
  /** True if `envFrom` may set variables that are not seen here. */
  readonly mayHaveMore: boolean;
}

/** Returns the sources of each container of a pod but those that podrole adds. */
export function credentialSources(
  pod: PodFacts,
  nodeAgents: readonly Pick<NodeAgentFacts, 'kind'>[],
): readonly ContainerSources[] {
  const metadata = metadataSources(pod, nodeAgents);
  return pod.containers
    .filter(({ name }) => !isInjected(name))
    .map((container) => {
      const sources = [...ownSources(container), ...(isMetadataOff(container) ? [] : metadata)];
      return {
        container: container.name,
        sources,
        winner: sources.find(({ isCertain }) => isCertain),
        mayHaveMore: container.hasEnvFrom,
      };
    });
}

/** Returns true if the SDKs of a pod would ask the EKS Pod Identity Agent. */
export function usesPodIdentity(pod: PodFacts | undefined): boolean {
  return (
    pod !== undefined && credentialSources(pod, []).some(({ winner }) => winner?.kind === 'EKS Pod Identity')
  );
}

function ownSources(container: ContainerFacts): readonly CredentialSource[] {
  const has = (name: string) => isSet(container, name);
  const keys = SHADOWING_ENV.accessKeys.find(has);
  const hasWebIdentity = has(ENV.roleArn) && has(ENV.webIdentityTokenFile);
  return [
    ...(keys ? [certain('static keys', keys)] : []),
    ...profileSources(container),
    ...(hasWebIdentity ? [certain('web identity', ENV.webIdentityTokenFile)] : []),
    ...endpointSources(container),
  ];
}

function certain(kind: SourceKind, by: string): CredentialSource {
  return { kind, by, isCertain: true };
}

/** The content of the files is not seen, and not all SDKs look into them before web identity. */
function profileSources(container: ContainerFacts): readonly CredentialSource[] {
  const names = [...SHADOWING_ENV.profiles, CREDENTIALS_ENV.credentialsFile, CREDENTIALS_ENV.configFile];
  const variable = names.find((name) => isSet(container, name));
  const mount = container.mounts.find(({ path }) => /\/\.aws(?:\/(?:credentials|config)?)?$/.test(path));
  const by = variable ?? (mount && `the mount at ${mount.path}`);
  return by === undefined ? [] : [{ kind: 'profile', by, isCertain: false }];
}

function endpointSources(container: ContainerFacts): readonly CredentialSource[] {
  if (isSet(container, ENV.containerCredentialsRelativeUri)) {
    const kind = isSet(container, ENV.tokenFile) ? 'podrole agent' : 'container endpoint';
    return [certain(kind, ENV.containerCredentialsRelativeUri)];
  }
  const name = ENV.containerCredentialsFullUri;
  if (!isSet(container, name)) return [];
  return [certain(endpointKind(shownValueOf(container, name)), name)];
}

function endpointKind(uri: string | undefined): SourceKind {
  const host = URL.parse(uri ?? '')?.hostname.replace(/^\[|\]$/g, '');
  if (host === '127.0.0.1' || host === 'localhost' || host === '::1') return 'sidecar';
  const ofAgent: readonly (string | undefined)[] = Object.values(POD_IDENTITY_ADDRESS);
  return ofAgent.includes(host) ? 'EKS Pod Identity' : 'container endpoint';
}

function isMetadataOff(container: ContainerFacts): boolean {
  return shownValueOf(container, 'AWS_EC2_METADATA_DISABLED')?.toLowerCase() === 'true';
}

/** Returns what answers for instance metadata: nothing, if podrole's agent refuses a pod without a role. */
function metadataSources(
  pod: PodFacts,
  nodeAgents: readonly Pick<NodeAgentFacts, 'kind'>[],
): readonly CredentialSource[] {
  if (pod.containers.some(({ name }) => name === INJECTED_CONTAINER.redirect))
    return [certain('sidecar metadata', `container ${INJECTED_CONTAINER.redirect}`)];
  if (isServedByAgent(pod)) return [certain('podrole agent', METADATA_ADDRESS.instanceIpv4)];
  const isRefused = !pod.hostNetwork && nodeAgents.some(({ kind }) => kind === 'podrole-agent');
  return isRefused ? [] : [otherMetadata(pod, nodeAgents)];
}

/** True if a container has the variables by which podrole's agent knows the roles of the pod. */
export function isServedByAgent({ containers, hostNetwork }: PodFacts): boolean {
  return (
    !hostNetwork &&
    containers.some((container) => isSet(container, ENV.roleArn) && isSet(container, ENV.tokenFile))
  );
}

function otherMetadata(pod: PodFacts, nodeAgents: readonly Pick<NodeAgentFacts, 'kind'>[]): CredentialSource {
  const agent = nodeAgents.find(({ kind }) => kind === 'kube2iam' || kind === 'kiam');
  const isIntercepted = agent && !pod.hostNetwork;
  if (isIntercepted && pod.annotations[KUBE2IAM_ROLE_ANNOTATION])
    return certain(agent.kind === 'kiam' ? 'kiam' : 'kube2iam', `annotation ${KUBE2IAM_ROLE_ANNOTATION}`);
  const by = isIntercepted ? `${agent.kind} without an annotation` : METADATA_ADDRESS.instanceIpv4;
  // A node may have no instance profile, or hide it from pods.
  return { kind: 'node role', by, isCertain: false };
}
