import { parseRoleArn } from '../../../lib/arn.ts';
import { POD_IDENTITY_ADDRESS } from '../../../lib/contract/imds.ts';
import { KUBE2IAM_ROLE_ANNOTATION } from '../../../lib/contract/kube2iam.ts';
import { INJECTED_CONTAINER } from '../../../lib/contract/podrole.ts';
import { ENV } from '../../../lib/contract/sdk.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { credentialSources, isServedByAgent } from '../../workload/credential-sources.ts';
import { webIdentityOf } from '../../workload/mounted-token.ts';
import { shownValueOf } from '../../workload/variables.ts';
import type { AuditPod, PodRole } from '../facts/audit-facts.ts';

/** Most roles of one pod: a tenant writes its variables. */
const MAX_ROLES = 50;

/** Returns what an audit keeps of a pod. */
export function narrowAuditPod(pod: PodFacts, roleAnnotation = KUBE2IAM_ROLE_ANNOTATION): AuditPod {
  const { namespace, name, serviceAccountName, hostNetwork, annotations, containers } = pod;
  const endpoints = containers.map((each) => shownValueOf(each, ENV.containerCredentialsFullUri) ?? '');
  return {
    namespace,
    name,
    serviceAccount: serviceAccountName,
    hostNetwork,
    kube2iamRole: annotations[roleAnnotation] || undefined,
    roles: rolesOf(pod).slice(0, MAX_ROLES),
    usesPodIdentity: endpoints.some(
      (url) => url.includes(POD_IDENTITY_ADDRESS.ipv4) || url.includes(POD_IDENTITY_ADDRESS.ipv6),
    ),
    isRedirected:
      containers.some((each) => each.name === INJECTED_CONTAINER.redirect) || isServedByAgent(pod),
  };
}

function rolesOf(pod: PodFacts): readonly PodRole[] {
  const sources = new Map(
    credentialSources(pod, []).map(({ container, winner }) => [container, winner?.kind] as const),
  );
  return pod.containers.flatMap((container): readonly PodRole[] => {
    const identity = webIdentityOf(pod, container);
    // The webhook and STS know no other.
    if (!identity || !parseRoleArn(identity.roleArn)) return [];
    const { roleArn, token } = identity;
    const servedBy = container.name === INJECTED_CONTAINER.sidecar ? 'sidecar' : sources.get(container.name);
    const targetRoleArn = shownValueOf(container, ENV.targetRoleArn);
    return [
      {
        container: container.name,
        roleArn,
        audience: token?.audience,
        ...(servedBy !== undefined && { servedBy }),
        ...(targetRoleArn !== undefined && { targetRoleArn }),
      },
    ];
  });
}
