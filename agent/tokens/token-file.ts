import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { readWebIdentityToken } from '../../credentials/exchange/web-identity-token.ts';
import { codeOf } from '../../lib/errors.ts';
import { MAX_FILE_BYTES, readRegularFile } from '../../lib/files/read-file.ts';
import { isNamespaceName } from '../../lib/kubernetes-names.ts';
import type { TokenPlace } from '../pods/grant.ts';
import { isTokenPath } from '../pods/token-path.ts';

/** Folder of the projected volumes in kubelet's folder of a pod. [k8s] pkg/volume, EscapeQualifiedName */
const PROJECTED = 'kubernetes.io~projected';

/** UIDs are UUIDs, those of static pods are hashes. No other character can be in a path here. */
const UID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

/** Place of a token in the folders of kubelet. */
export interface PodTokenFile {
  readonly volumeFolder: string;
  /** Below it. */
  readonly path: string;
}

/**
 * Returns where kubelet keeps a token of a pod: the file is in its projected volume, whatever the pod says.
 * @param podsFolder `/var/lib/kubelet/pods`
 * @returns undefined if a name is not one that the API server accepts
 */
export function podTokenFile(podsFolder: string, uid: string, place: TokenPlace): PodTokenFile | undefined {
  const { volumeName, path } = place;
  // The name of a volume is a label, as that of a namespace is.
  if (!UID.test(uid) || !isNamespaceName(volumeName) || !isTokenPath(path)) return undefined;
  return { volumeFolder: join(podsFolder, uid, 'volumes', PROJECTED, volumeName), path };
}

const REMEDY =
  "mount kubelet's pods folder into the agent with mountPropagation HostToContainer, and let the agent read it (DAC_READ_SEARCH)";

/**
 * Reads the current token of a pod. kubelet's own links are followed, since they stay in the volume.
 * @throws ExchangeError `TOKEN_UNREADABLE`, `TOKEN_INVALID`
 */
export function readPodToken({ volumeFolder, path }: PodTokenFile): Promise<string> {
  const read = () => readInside(volumeFolder, path);
  return readWebIdentityToken(join(volumeFolder, path), { read, remedy: REMEDY });
}

async function readInside(volumeFolder: string, path: string): Promise<Buffer> {
  try {
    return await readResolved(volumeFolder, path);
  } catch (thrown) {
    // kubelet removes the former folder when it renews the token: it may be gone after it was resolved.
    if (codeOf(thrown) !== 'ENOENT') throw thrown;
    return readResolved(volumeFolder, path);
  }
}

async function readResolved(volumeFolder: string, path: string): Promise<Buffer> {
  const [folder, file] = await Promise.all([realpath(volumeFolder), realpath(join(volumeFolder, path))]);
  if (!file.startsWith(folder + sep)) throw new Error('leads out of the volume of the token');
  return readRegularFile(file, MAX_FILE_BYTES.token);
}
