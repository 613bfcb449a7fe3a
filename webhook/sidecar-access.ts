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
 * How the containers of a pod are to ask the sidecar that it has or gets.
 *
 * The UID of the pod is a random UUID that kubelet puts in as the container starts: no manifest, no image and no Git holds it, and who can
 * make a container send a request of his can't read it. A sidecar that is in the pod already, not as podrole's own or with an image that
 * stays as it is and may be older than that path, is asked as it expects it.
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
 * What a container gets: the URI, for every SDK that knows one. It is an IPv4 address, since old SDKs take that one or localhost alone. The
 * token file besides is for SDKs that ignore the URI without one (Rust's object_store); the path is enough for the others, most of which
 * know no such file.
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

/** The same for the sidecar: what it is to be shown. */
export function guardVariables({ isSecret }: SidecarAccess, tokenFile: string): readonly Named[] {
  if (!isSecret) return [];
  return [
    POD_UID,
    { name: CREDENTIALS_PATH, value: SECRET_PATH },
    { name: variableName('authorizationTokenFile'), value: tokenFile },
  ];
}

/** How the URI begins where podrole wrote it, now and before. */
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
