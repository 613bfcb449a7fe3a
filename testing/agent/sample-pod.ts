import type { Grant } from '../../agent/pods/grant.ts';
import type { NodePod } from '../../agent/pods/node-pod.ts';
import { parseRoleArn, type RoleArn } from '../../lib/arn.ts';

/** Pod of the node of a test. Its name is the one of its only role too. */
export function samplePod(name: string, others: Partial<NodePod> = {}): NodePod {
  return {
    uid: `uid-${name}`,
    namespace: 'shop',
    name,
    serviceAccountName: 'web',
    folder: `uid-${name}`,
    addresses: [],
    isHostNetwork: false,
    isEnding: false,
    isFinished: false,
    isRunning: true,
    startedMs: 0,
    isMirror: false,
    hasOwnHosts: false,
    grants: [sampleGrant({ role: sampleRole(name) })],
    podIdentityToken: undefined,
    ...others,
  };
}

export function sampleGrant(others: Partial<Grant> = {}): Grant {
  return {
    container: undefined,
    role: sampleRole('web'),
    sessionName: undefined,
    token: { volumeName: 'aws-iam-token', path: 'token' },
    target: undefined,
    ...others,
  };
}

export function sampleRole(name: string): RoleArn {
  const role = parseRoleArn(`arn:aws:iam::111122223333:role/${name}`);
  if (!role) throw new Error(`${name} is not the name of a role`);
  return role;
}
