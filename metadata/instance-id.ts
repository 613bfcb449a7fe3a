import { createHash } from 'node:crypto';

/**
 * Returns an instance ID that stays the same when the sidecar or the agent restarts, and differs between
 * pods.
 * @param hostname host name of the pod
 */
export function instanceIdFor(hostname: string): string {
  return `i-${createHash('sha256').update(hostname).digest('hex').slice(0, 17)}`;
}
