import type { NodePod } from './node-pod.ts';

/**
 * True for a pod that has finished. A phase that somebody else than kubelet has set does not count while a
 * container runs.
 */
export function isOver({ isFinished, isRunning }: NodePod): boolean {
  return isFinished && !isRunning;
}
