import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { normalizeAddress } from '../../../lib/network/normalize-address.ts';
import type { HostsFile, PodFolder, PodFolders } from './pod-folder.ts';

/** kubelet writes the addresses into the first lines; the rest is not read. */
const HEAD_BYTES = 4_096;
const MAX_LINES = 64;

/**
 * Returns a function that reads kubelet's folders of all pods, `/var/lib/kubelet/pods`. It reads them
 * synchronously: some hundred short calls to a local file system take a millisecond or two.
 * @throws Error (of the function) if a folder cannot be read
 */
export function podFoldersReader(root: string): () => PodFolders {
  const head = Buffer.alloc(HEAD_BYTES);
  return () => {
    const folders = new Map<string, PodFolder>();
    for (const name of namesIn(root) ?? missing(root)) {
      const folder = join(root, name);
      // In this order: a hosts file that changes in between counts as changed by its pod.
      const createdMs = latestCreation(join(folder, 'containers'));
      folders.set(name, { createdMs, hosts: readHosts(join(folder, 'etc-hosts'), head) });
    }
    return folders;
  };
}

function missing(root: string): never {
  throw new Error(`${root} does not exist`);
}

function namesIn(folder: string): readonly string[] | undefined {
  return unlessAbsent(() => readdirSync(folder));
}

function readHosts(file: string, head: Buffer): HostsFile | undefined {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = unlessAbsent(() => openSync(file, flags));
  if (descriptor === undefined) return undefined;
  try {
    const { ctimeMs } = fstatSync(descriptor);
    const length = readSync(descriptor, head, 0, HEAD_BYTES, 0);
    return { addresses: addressesIn(head.toString('latin1', 0, length)), changedMs: ctimeMs };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Returns the first address of each family that is not the same in all hosts files. Those of `hostAliases`,
 * which the tenant chooses, come after those of the pod.
 */
export function addressesIn(hosts: string): readonly string[] {
  const first = new Map<boolean, string>();
  for (const line of hosts.split('\n', MAX_LINES)) {
    if (line === ALIASES_BEGIN) break;
    const [word = ''] = line.trimStart().split(/[\s#]/, 1);
    const address = normalizeAddress(word);
    if (address === undefined || COMMON.test(address)) continue;
    const isIpv6 = address.includes(':');
    if (!first.has(isIpv6)) first.set(isIpv6, address);
  }
  return [...first.values()];
}

/** [kubelet] managedHostsFileContent */
const ALIASES_BEGIN = '# Entries added by HostAliases.';
/** Loopback, and the multicast names that kubelet writes into each file. */
const COMMON = /^(?:127\.|::1$|fe00::)/;

function latestCreation(containers: string): number | undefined {
  let latest: number | undefined;
  for (const name of namesIn(containers) ?? []) {
    const made = unlessAbsent(() => statSync(join(containers, name)).mtimeMs);
    if (made !== undefined) latest = Math.max(latest ?? 0, made);
  }
  return latest;
}

function unlessAbsent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw thrown;
  }
}
