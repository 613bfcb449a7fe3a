import { podRoleArn } from '../../../identity/pod-role/read-pod-role.ts';
import { KUBE2IAM_POD_ANNOTATION, KUBE2IAM_ROLE_ANNOTATION } from '../../../lib/contract/kube2iam.ts';
import { ENV } from '../../../lib/contract/sdk.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { usesPodIdentity } from '../../workload/credential-sources.ts';
import { shownValueOf } from '../../workload/variables.ts';
import type { GrantSettings } from './grants.ts';

type PodRole = NonNullable<ChainFacts['podRole']>;

/**
 * Returns the role that a pod names by an annotation of its own, if the webhook reads that annotation.
 * @param tried the pod as admission returned it: it shows what the webhook does if no setting says so
 */
export function podRoleOf(
  pod: PodFacts | undefined,
  tried: PodFacts | undefined,
  settings: GrantSettings,
): PodRole | undefined {
  const key = settings.podRoleAnnotation ?? KUBE2IAM_ROLE_ANNOTATION;
  const given = pod?.annotations[key];
  // The container-credentials file wins over it.
  if (!pod || !given || usesPodIdentity(tried)) return undefined;
  const isConfigured = settings.podRoleAnnotation !== undefined;
  const roleArn = isConfigured ? podRoleArn(given, settings) : roleShownBy(tried, given);
  if (!isConfigured && roleArn === undefined) return undefined;
  const sessionName = pod.annotations[KUBE2IAM_POD_ANNOTATION.sessionName];
  return {
    ...{ key, given, isConfigured },
    ...(roleArn !== undefined && { roleArn }),
    ...(sessionName && { sessionName }),
    hasExternalId: Boolean(pod.annotations[KUBE2IAM_POD_ANNOTATION.externalId]),
  };
}

/** Returns the role that a pod got, if its annotation names it. */
function roleShownBy(tried: PodFacts | undefined, given: string): string | undefined {
  const name = given.replace(/^\//, '');
  const roles = (tried?.containers ?? []).map((container) => shownValueOf(container, ENV.roleArn));
  return roles.find((arn) => arn !== undefined && (arn === given || arn.endsWith(`:role/${name}`)));
}
