import { SESSION_NAME } from '../lib/contract/sts.ts';
import { cutWithHash } from '../lib/text/cut-with-hash.ts';

/**
 * Returns a session name for a host, without the characters that a session name may not contain. Kubernetes
 * does not allow them in host names either, but other systems may.
 * @param hostname in a pod, the name of the pod
 */
export function sessionNameFor(hostname: string): string {
  return cutWithHash(`podrole-${hostname.replace(/[^\w+=,.@-]/g, '-')}`, SESSION_NAME.maxLength);
}
