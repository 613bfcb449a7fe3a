import { SIDECAR_CREDENTIALS_PATH } from '../lib/contract/imds.ts';
import { ENV, INJECTED_CONTAINER } from '../lib/contract.ts';
import { asArray, asObject, type JsonObject } from '../lib/json.ts';
import { variableName } from '../lib/settings.ts';
import type { InjectedSidecarSettings } from './injected-sidecar-settings.ts';
import { CONTAINER_LISTS, listOf, type Named, nameOf } from './pod-parts.ts';

/** How the containers of a pod ask its sidecar. */
export interface SidecarAccess {
  readonly port: number;
  /** Whether its path has the UID of the pod, or is the one that all sidecars had before. */
  readonly isSecret: boolean;
}

/**
 * Decides how the containers of a pod must ask the sidecar that the pod has or gets.
 *
 * The UID of the pod is a random UUID that kubelet inserts when the container starts: no manifest, no image and no Git
 * repository contains it, and whoever tricks a container into sending a request can't read it. Some sidecars stay as they
 * are: those that are not podrole's, or whose image may be older than the secret path. These are asked as their own
 * variables say.
 * @param recorded names of the containers in the pod that are podrole's, and brought up to date
 */
export function sidecarAccess(
  { sidecarPort, sidecarImage }: InjectedSidecarSettings,
  spec: JsonObject,
  recorded: ReadonlySet<string>,
): SidecarAccess {
  const present = findSidecar(spec);
  const isKept = present !== undefined && !(sidecarImage && recorded.has(INJECTED_CONTAINER.sidecar));
  return { port: sidecarPort, isSecret: !isKept || hasVariable(present, CREDENTIALS_PATH) };
}

/**
 * Returns the variables of a container: the URI, with an IPv4 address, since old SDKs accept only that one or localhost;
 * and the token file, for SDKs that ignore the URI without one (Rust's object_store). For the other SDKs the path is
 * enough; most of them do not know the token file.
 */
export function accessVariables({ port, isSecret }: SidecarAccess, tokenFile: string): readonly Named[] {
  const uri = `${SIDECAR_URI_START}${port}`;
  if (!isSecret)
    return [{ name: ENV.containerCredentialsFullUri, value: `${uri}${SIDECAR_CREDENTIALS_PATH}` }];
  return [
    POD_UID,
    { name: ENV.containerCredentialsFullUri, value: `${uri}${SECRET_PATH}` },
    { name: ENV.containerAuthorizationTokenFile, value: tokenFile },
  ];
}

/** Returns the variables of the sidecar: what clients must show. */
export function guardVariables({ isSecret }: SidecarAccess, tokenFile: string): readonly Named[] {
  if (!isSecret) return [];
  return [
    POD_UID,
    { name: CREDENTIALS_PATH, value: SECRET_PATH },
    { name: variableName('authorizationTokenFile'), value: tokenFile },
  ];
}

/** Start of every URI that podrole writes, in this version and in earlier ones. */
export const SIDECAR_URI_START = 'http://127.0.0.1:';

const CREDENTIALS_PATH = variableName('credentialsPath');

/** Kubernetes puts in what stands before it in the list. [k8s] "Define dependent environment variables" */
const SECRET_PATH = `${SIDECAR_CREDENTIALS_PATH}/$(${ENV.podUid})`;
const POD_UID: Named = { name: ENV.podUid, valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } };

function hasVariable(container: JsonObject, name: string): boolean {
  return (asArray(container['env']) ?? []).some((variable) => nameOf(variable) === name);
}

/** The sidecar of a pod, of whatever origin. */
export function findSidecar(spec: JsonObject): JsonObject | undefined {
  const all = CONTAINER_LISTS.flatMap((list) => listOf(spec[list]) ?? []);
  return asObject(all.find((container) => nameOf(container) === INJECTED_CONTAINER.sidecar));
}
