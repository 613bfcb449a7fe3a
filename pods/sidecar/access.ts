import type { InjectedSidecarSettings } from '../../identity/settings/sidecar-settings.ts';
import {
  INJECTED_CONTAINER,
  SECRET_CREDENTIALS_PATH,
  SIDECAR_CREDENTIALS_PATH,
} from '../../lib/contract/podrole.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { variableName } from '../../lib/settings/settings.ts';
import { CONTAINER_LISTS, listOf, type NamedObject, nameOf } from '../pod-parts.ts';

/** Address at which the containers of a pod ask its sidecar. */
export interface SidecarAccess {
  readonly port: number;
  /** Its secret path; undefined for the fixed path that all sidecars had in earlier versions. */
  readonly secretPath: string | undefined;
}

/**
 * Decides how the containers of a pod must ask the sidecar that the pod has or gets.
 *
 * The UID of the pod is a random UUID that kubelet inserts when the container starts: no manifest, no image
 * and no Git repository contains it, and an attacker who tricks a container into sending a request cannot
 * read it. Some sidecars stay as they are: those that are not podrole's, and those whose image may be older
 * than the secret path. The variables of such a sidecar say how to ask it.
 * @param recorded names of the containers in the pod that podrole owns and brings up to date
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
 * Returns the variables of a container: the URI and the token file. The URI has an IPv4 address, since old
 * SDKs accept only that or localhost. The token file is for SDKs that ignore the URI without one (Rust's
 * object_store). For the other SDKs the path is enough; most of them do not know the token file.
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

/** Returns the variables of the sidecar: what its clients must present. */
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

/**
 * Kubernetes expands variables that come earlier in the list. [k8s] "Define dependent environment variables"
 */
const SECRET_PATH = `${SIDECAR_CREDENTIALS_PATH}/$(${ENV.podUid})`;
const POD_UID: NamedObject = { name: ENV.podUid, valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } };

/** Returns the variable that Kubernetes needs to complete the path; none for a fixed path. */
function insertedIn(secretPath: string): readonly NamedObject[] {
  return secretPath === SECRET_PATH ? [POD_UID] : [];
}

/**
 * Returns the path in the variable of a sidecar, if it has one: a fixed path as it is, otherwise the one that
 * podrole writes.
 */
function secretPathOf(sidecar: JsonObject): string | undefined {
  // If several variables have one name, Kubernetes uses the last one.
  const variable = asArray(sidecar['env'])?.findLast((candidate) => nameOf(candidate) === CREDENTIALS_PATH);
  if (variable === undefined) return undefined;
  const value = asText(asObject(variable)?.['value']);
  return value !== undefined && SECRET_CREDENTIALS_PATH.test(value) ? value : SECRET_PATH;
}

/** Returns the sidecar of a pod, whoever added it. */
export function findSidecar(spec: JsonObject): JsonObject | undefined {
  const all = CONTAINER_LISTS.flatMap((list) => listOf(spec[list]) ?? []);
  return asObject(all.find((container) => nameOf(container) === INJECTED_CONTAINER.sidecar));
}
