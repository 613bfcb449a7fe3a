import { DEFAULT_CONTAINER_CREDENTIALS } from '../../lib/contract/aws-webhook.ts';
import { MIRROR_POD_ANNOTATION } from '../../lib/contract/kubernetes.ts';
import { asObject, asText, type JsonObject, objectsOf } from '../../lib/json/json.ts';
import { isNamespaceName, isObjectName } from '../../lib/kubernetes-names.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { normalizeAddress } from '../../lib/network/normalize-address.ts';
import type { TokenPlace } from './grant.ts';
import type { NodePod } from './node-pod.ts';
import { containersOf } from './pod-containers.ts';
import { readGrants } from './read-grants.ts';
import { tokenVolumesOf } from './token-volumes.ts';

/** Parts of a pod that are read, besides its name, version and annotations. */
export const NODE_POD_PARTS = {
  spec: {
    hostNetwork: true,
    serviceAccountName: true,
    volumes: true,
    containers: true,
    initContainers: true,
    ephemeralContainers: true,
  },
  status: {
    phase: true,
    podIPs: true,
    podIP: true,
    containerStatuses: true,
    initContainerStatuses: true,
    ephemeralContainerStatuses: true,
  },
} as const;

/** Most addresses of a pod that are kept: kubelet reports one of each family. */
const MAX_ADDRESSES = 8;

/**
 * Reads a pod as the API server sends it. Returns undefined for anything else. Its UID, and the name of its
 * folder, become parts of paths of the node: a value that could lead elsewhere is not a pod.
 */
export function readNodePod(object: unknown): NodePod | undefined {
  const metadata = metadataOf(object);
  const spec = asObject(asObject(object)?.['spec']);
  const [uid, namespace, name] = [metadata?.['uid'], metadata?.['namespace'], metadata?.['name']].map(asText);
  if (!metadata || !spec || !uid || !namespace || !name) return undefined;
  const mirrorOf = asText(asObject(metadata['annotations'])?.[MIRROR_POD_ANNOTATION]);
  const folder = mirrorOf ?? uid;
  if (!FOLDER.test(uid) || !FOLDER.test(folder)) return undefined;
  if (!isNamespaceName(namespace) || !isObjectName(name)) return undefined;
  const status = asObject(asObject(object)?.['status']) ?? {};
  const isMirror = mirrorOf !== undefined;
  return {
    uid,
    namespace,
    name,
    ...versionIn(metadata),
    serviceAccountName: asText(spec['serviceAccountName']) ?? '',
    folder,
    addresses: addressesOf(status),
    isHostNetwork: spec['hostNetwork'] === true,
    isEnding: metadata['deletionTimestamp'] !== undefined && metadata['deletionTimestamp'] !== null,
    isFinished: status['phase'] === 'Succeeded' || status['phase'] === 'Failed',
    isRunning: STATUSES.some((kind) => objectsOf(status[kind]).some(isRunning)),
    startedMs: latestStart(STATUSES.flatMap((kind) => objectsOf(status[kind]))),
    isMirror,
    hasOwnHosts: containersOf(spec).some(({ container }) => mountsHosts(container)),
    grants: isMirror ? [] : readGrants(spec),
    podIdentityToken: isMirror ? undefined : podIdentityTokenOf(spec),
  };
}

/** UID, or the hash that kubelet uses as the UID of a static pod. */
const FOLDER = /^[\w-]{1,64}$/;
const STATUSES = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'] as const;

function versionIn(metadata: JsonObject): { readonly resourceVersion?: string } {
  const resourceVersion = asText(metadata['resourceVersion']);
  return resourceVersion === undefined ? {} : { resourceVersion };
}

function addressesOf(status: JsonObject): readonly string[] {
  const written = [...objectsOf(status['podIPs']).map(({ ip }) => ip), status['podIP']];
  const addresses = written.slice(0, MAX_ADDRESSES).map((ip) => normalizeAddress(asText(ip) ?? ''));
  return [...new Set(addresses.filter((address) => address !== undefined))];
}

function isRunning(status: JsonObject): boolean {
  return asObject(asObject(status['state'])?.['running']) !== undefined;
}

function latestStart(statuses: readonly JsonObject[]): number {
  let latest = 0;
  for (const { state, lastState } of statuses) {
    for (const one of [asObject(state), asObject(lastState)]) {
      for (const part of [one?.['running'], one?.['terminated']]) {
        const startedMs = Date.parse(asText(asObject(part)?.['startedAt']) ?? '');
        if (startedMs > latest) latest = startedMs;
      }
    }
  }
  return latest;
}

/** kubelet compares the path as it is written. [kubelet] makeMounts */
function mountsHosts(container: JsonObject): boolean {
  return objectsOf(container['volumeMounts']).some((mount) => mount['mountPath'] === '/etc/hosts');
}

function podIdentityTokenOf(spec: JsonObject): TokenPlace | undefined {
  for (const sources of tokenVolumesOf(spec).values()) {
    for (const { volumeName, path, audience } of sources.values()) {
      if (audience === DEFAULT_CONTAINER_CREDENTIALS.audience) return { volumeName, path };
    }
  }
  return undefined;
}
