import { createHash } from 'node:crypto';
import type { NodePod } from '../../pods/node-pod.ts';

/**
 * Names that Calico and the AWS VPC CNI give to the device of a pod on the node: a prefix, and the beginning
 * of a hash of namespace and name. [calico] VethNameForWorkload, [aws-cni] GeneratePodHostVethName
 */
const NAMED_AFTER_POD = /^[a-z]{3,4}([\da-f]{11})$/;

/** Returns the pods after which a device is named; none if no pod has its name. */
export function ownersOf(device: string, pods: readonly NodePod[]): readonly NodePod[] {
  const [, hash] = NAMED_AFTER_POD.exec(device) ?? [];
  if (hash === undefined) return [];
  return pods.filter(({ namespace, name }) => hashOf(`${namespace}.${name}`).startsWith(hash));
}

function hashOf(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
