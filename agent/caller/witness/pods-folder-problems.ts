import { readdirSync } from 'node:fs';
import type { NodePod } from '../../pods/node-pod.ts';

/**
 * Returns why a folder cannot be kubelet's folder of this node's pods, each as a sentence. With such a folder
 * no pod is ever certain by its address, and no token is found.
 */
export function podsFolderProblems(folder: string, pods: Iterable<NodePod>): readonly string[] {
  const names = namesIn(folder);
  if (typeof names === 'string')
    return [`kubelet's folder of pods, ${folder}, cannot be read (${names}); ${REMEDY}`];
  const running = [...pods].filter(({ isRunning }) => isRunning);
  if (running.length === 0 || running.some((pod) => names.has(pod.folder))) return [];
  return [`${folder} has no folder of a running pod of this node, so it is not kubelet's; ${REMEDY}`];
}

const REMEDY =
  'the folder pods in the root directory of kubelet belongs in --kubelet-pods-folder, or in the hostPath of the DaemonSet';

/** Returns the names, or why there are none. */
function namesIn(folder: string): ReadonlySet<string> | string {
  try {
    return new Set(readdirSync(folder));
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error';
  }
}
