import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from '../../testing/wait-for.ts';

/**
 * Parent of the cgroups of one run on one Kubernetes: e2e/run names it, and removes it if a test could not.
 */
const ROOT = process.env['PODROLE_E2E_CGROUP'] ?? `podrole-e2e-${process.pid}`;

/** Returns the name of a node's cgroup, from the root of each hierarchy. */
export function cgroupOf(node: string): string {
  return `/${ROOT}/${node}`;
}

/** Creates a node's cgroup in each hierarchy: kubelet expects it to exist. */
export function makeCgroup(name: string): void {
  for (const hierarchy of hierarchies()) mkdirSync(path.join(hierarchy, name), { recursive: true });
}

/** Removes a cgroup with its children if it exists; its processes were killed. */
export async function removeCgroup(name: string): Promise<void> {
  for (const hierarchy of hierarchies()) {
    const folder = path.join(hierarchy, name);
    // The kernel releases the cgroup a moment after its process has ended.
    await waitFor(() => {
      removeTree(folder);
      return true;
    }, `end of the cgroup ${folder}`);
  }
}

function removeTree(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(path.join(folder, entry.name));
  }
  rmdirSync(folder);
}

/** Returns the mount points of the cgroup hierarchies, of version 1 and 2. */
function hierarchies(): readonly string[] {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([, place, type]) => (place && (type === 'cgroup' || type === 'cgroup2') ? [place] : []));
}
