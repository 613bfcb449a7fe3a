import type { InjectedSidecarSettings } from '../../identity/sidecar-settings.ts';
import {
  INJECTED_CONTAINER,
  SECRET_CREDENTIALS_PATH,
  SIDECAR_CREDENTIALS_PATH,
} from '../../lib/contract/podrole.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { variableName } from '../../lib/settings/settings.ts';
import { CONTAINER_LISTS, listOf, type NamedObject, nameOf } from '../pod-parts.ts';

/** How the containers of a pod ask its sidecar. */
export interface SidecarAccess {
  readonly port: number;
  /** Its secret path; undefined where it has the one that all sidecars had before. */
  readonly secretPath: string | undefined;
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
  return { port: sidecarPort, secretPath: isKept ? secretPathOf(present) : SECRET_PATH };
}

/**
 * Returns the variables of a container: the URI, with an IPv4 address, since old SDKs accept only that one or localhost;
 * and the token file, for SDKs that ignore the URI without one (Rust's object_store). For the other SDKs the path is
 * enough; most of them do not know the token file.
 */
export function accessVariables(
  { port, secretPath }: SidecarAccess,
  tokenFile: string,
): readonly NamedObject[] {
  const uri = `${SIDECAR_URI_START}${port}`;
  if (secretPath === undefined)
    return [{ name: ENV.containerCredentialsFullUri, value: `${uri}${SIDECAR_CREDENTIALS_PATH}` }];
  return [
    ...insertedIn(secretPath),
    { name: ENV.containerCredentialsFullUri, value: `${uri}${secretPath}` },
    { name: ENV.containerAuthorizationTokenFile, value: tokenFile },
  ];
}

/** Returns the variables of the sidecar: what clients must show. */
export function guardVariables({ secretPath }: SidecarAccess, tokenFile: string): readonly NamedObject[] {
  if (secretPath === undefined) return [];
  return [
    ...insertedIn(secretPath),
    { name: CREDENTIALS_PATH, value: secretPath },
    { name: variableName('authorizationTokenFile'), value: tokenFile },
  ];
}

/** Start of every URI that podrole writes, in this version and in earlier ones. */
export const SIDECAR_URI_START = 'http://127.0.0.1:';

const CREDENTIALS_PATH = variableName('credentialsPath');

/** Kubernetes puts in what stands before it in the list. [k8s] "Define dependent environment variables" */
const SECRET_PATH = `${SIDECAR_CREDENTIALS_PATH}/$(${ENV.podUid})`;
const POD_UID: NamedObject = { name: ENV.podUid, valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } };

/** What Kubernetes needs to complete the path: a fixed one is whole. */
function insertedIn(secretPath: string): readonly NamedObject[] {
  return secretPath === SECRET_PATH ? [POD_UID] : [];
}

/** The path that the sidecar's variable says, if it is there: a fixed one as it is, and with what Kubernetes inserts the one of podrole. */
function secretPathOf(sidecar: JsonObject): string | undefined {
  // Of several variables with one name the last one counts for Kubernetes.
  const variable = asArray(sidecar['env'])?.findLast((candidate) => nameOf(candidate) === CREDENTIALS_PATH);
  if (variable === undefined) return undefined;
  const value = asText(asObject(variable)?.['value']);
  return value !== undefined && SECRET_CREDENTIALS_PATH.test(value) ? value : SECRET_PATH;
}

/** The sidecar of a pod, of whatever origin. */
export function findSidecar(spec: JsonObject): JsonObject | undefined {
  const all = CONTAINER_LISTS.flatMap((list) => listOf(spec[list]) ?? []);
  return asObject(all.find((container) => nameOf(container) === INJECTED_CONTAINER.sidecar));
}
