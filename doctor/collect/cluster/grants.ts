import { decideRoles, type RoleSettings } from '../../../identity/roles.ts';
import { parseRoleArn } from '../../../lib/arn.ts';
import { annotationKey, DEFAULT_TOKEN_AUDIENCE } from '../../../lib/contract/aws-webhook.ts';
import type { PolicySettings } from '../../../policy/settings.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { ServiceAccountFacts } from '../../facts/cluster-facts.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { webIdentityOf } from '../../workload/mounted-token.ts';

/** Role that a pod, or one container of it, should have. */
export interface ChainGrant {
  /** Undefined: the role of the pod. */
  readonly container: string | undefined;
  /** Undefined if none is named, or a malformed one. */
  readonly grant: { readonly roleArn: string; readonly audience: string } | undefined;
  /** The annotation of the pod that names the role. */
  readonly podRole?: ChainFacts['podRole'];
}

export interface GrantSettings
  extends RoleSettings,
    Partial<Pick<PolicySettings, 'podRoleAnnotation' | 'baseRoleArn'>> {
  readonly tokenAudience: string;
}

/** Returns the roles that the annotations of a ServiceAccount name; none if they name none. */
export function annotatedGrants(
  { namespace, name, annotations }: Pick<ServiceAccountFacts, 'namespace' | 'name' | 'annotations'>,
  settings: GrantSettings,
): readonly ChainGrant[] {
  const decision = decideRoles({
    object: `ServiceAccount ${namespace}/${name}`,
    annotations,
    audience: audienceOf(annotations, settings),
    expirationSeconds: 0,
    settings,
  });
  if (!decision) return [];
  const { role, containerRoles, withheld } = decision;
  return [
    ...(role ? [{ container: undefined, grant: grantOf(role) }] : []),
    ...containerRoles.map((each) => ({ container: each.container, grant: grantOf(each) })),
    ...withheld.map((container) => ({ container, grant: undefined })),
  ];
}

/** Returns the chain of a role that a pod names itself. */
export function podGrant(
  podRole: NonNullable<ChainFacts['podRole']>,
  annotations: Readonly<Record<string, string>>,
  settings: GrantSettings,
): ChainGrant {
  const { roleArn } = podRole;
  const grant = roleArn === undefined ? undefined : { roleArn, audience: audienceOf(annotations, settings) };
  return { container: undefined, grant, podRole };
}

function audienceOf(annotations: Readonly<Record<string, string>>, settings: GrantSettings): string {
  return annotations[annotationKey(settings.annotationPrefix, 'audience')] || settings.tokenAudience;
}

function grantOf({
  roleArn,
  token,
}: {
  readonly roleArn: string;
  readonly token: { readonly audience: string };
}) {
  return { roleArn, audience: token.audience };
}

/**
 * Returns the role of an admitted pod: from the ConfigMap of the webhook, from a name that it completes, or
 * from the pod itself.
 */
export function admittedGrant(pod: PodFacts | undefined): ChainGrant['grant'] {
  for (const container of pod?.containers ?? []) {
    const identity = pod && webIdentityOf(pod, container);
    if (identity && parseRoleArn(identity.roleArn))
      return { roleArn: identity.roleArn, audience: identity.token?.audience ?? DEFAULT_TOKEN_AUDIENCE };
  }
  return undefined;
}
