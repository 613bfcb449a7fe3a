import { DEFAULT_CONTAINER_CREDENTIALS } from '../../lib/contract/aws-webhook.ts';
import { AGENT_TOKEN } from '../../lib/contract/podrole.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { Grant } from '../pods/grant.ts';
import type { NodePod } from '../pods/node-pod.ts';
import { tokenRefused } from './agent-token.ts';
import type { ServiceAccountRoles } from './service-account-roles.ts';

/**
 * Returns the grant for a token of a pod, by the audience of the token.
 * @param roles of pods that EKS's webhook prepared; undefined without `--service-account-roles`
 * @throws PodroleError `AGENT_TOKEN_REFUSED` for another audience, `NO_ROLE`, or the reason why the
 *   ServiceAccount cannot be read
 */
export async function grantedBy(
  audience: string,
  pod: NodePod,
  roles: ServiceAccountRoles | undefined,
): Promise<Grant> {
  if (audience === DEFAULT_CONTAINER_CREDENTIALS.audience) return grantOfServiceAccount(pod, roles);
  const container = containerOf(audience);
  const grant = pod.grants.find((one) => one.container === container);
  if (grant) return grant;
  throw noRole(
    pod,
    container === undefined
      ? 'has no role that is for all its containers'
      : `has no role for its container ${JSON.stringify(container)}`,
    "annotate its ServiceAccount with a role, and create the pod again; a container with a role of its own must send that container's token",
  );
}

const OF_CONTAINER = `${AGENT_TOKEN.audience}/`;

/** Returns the container that an audience names; undefined for the audience of the whole pod. */
function containerOf(audience: string): string | undefined {
  if (audience === AGENT_TOKEN.audience) return undefined;
  if (audience.startsWith(OF_CONTAINER)) return audience.slice(OF_CONTAINER.length);
  throw tokenRefused('has an audience that is not for the agent');
}

/** The token that the pod shows is also the one that is exchanged: it has no other one for STS. */
async function grantOfServiceAccount(pod: NodePod, roles: ServiceAccountRoles | undefined): Promise<Grant> {
  if (!roles) {
    throw noRole(
      pod,
      'was prepared by the webhook of EKS, and this agent does not look up roles of ServiceAccounts',
      'run the agent with --service-account-roles, or create the pod with the webhook of podrole',
    );
  }
  const { podIdentityToken: token } = pod;
  if (!token) {
    const { audience } = DEFAULT_CONTAINER_CREDENTIALS;
    throw noRole(pod, `has no volume with a token for ${audience}`, 'create the pod with the webhook of EKS');
  }
  const role = await roles.roleOf(pod.namespace, pod.serviceAccountName);
  if (role) return { container: undefined, role, sessionName: undefined, token, target: undefined };
  throw noRole(
    pod,
    `has the ServiceAccount ${pod.serviceAccountName}, which has no annotation with a role`,
    'annotate the ServiceAccount with the role',
  );
}

function noRole({ namespace, name }: NodePod, problem: string, remedy: string): PodroleError {
  return new PodroleError({ code: 'NO_ROLE', object: `pod ${namespace}/${name}`, problem, remedy });
}
