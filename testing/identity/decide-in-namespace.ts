import { NO_CONFIG_MAP_IDENTITIES } from '../../identity/config-map.ts';
import { NO_CONTAINER_CREDENTIALS } from '../../identity/container-credentials-config.ts';
import { decideIdentity, type IdentityDecision } from '../../identity/decide-identity.ts';
import { toServiceAccountFacts } from '../../identity/service-accounts.ts';
import { identitySettings } from '../../identity/settings/identity-settings.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { toNamespaceFacts } from '../../policy/namespace-facts.ts';
import type { RolePolicy } from '../../policy/role-policy.ts';
import { policySettings } from '../../policy/settings.ts';

type Annotations = Readonly<Record<string, unknown>>;

/** A pod of ServiceAccount shop/web, where pods name their role by `iam.amazonaws.com/role`. */
export interface DecisionCase {
  /** Annotations of the pod. */
  readonly pod?: Annotations;
  readonly serviceAccount?: Annotations;
  /** Annotations of the Namespace; by default it allows every role. `null`: there is none of that name. */
  readonly namespace?: Annotations | null;
  readonly policy?: RolePolicy;
  readonly flags?: Readonly<Record<string, string>> | undefined;
  /** True if EKS Pod Identity gives the pod its role. */
  readonly containerCredentials?: boolean;
  /** The role of the ServiceAccount in the ConfigMap. */
  readonly configMap?: string;
}

/** Decides the identity of a pod under the rules of its Namespace. */
export function decideInNamespace(given: DecisionCase): IdentityDecision {
  const { pod = {}, serviceAccount = {}, namespace = { 'podrole.dev/allowed-roles': '*' } } = given;
  const flags = {
    podRoleAnnotation: 'iam.amazonaws.com/role',
    baseRoleArn: 'arn:aws:iam::111122223333:role/',
    ...given.flags,
  };
  const settings = readSettings({ ...identitySettings, ...policySettings }, flags, {});
  const entry = {
    roleArn: given.configMap ?? '',
    audience: 'sts.amazonaws.com',
    regionalSts: false,
    expirationSeconds: 3_600,
  };
  return decideIdentity({
    namespace: 'shop',
    serviceAccountName: 'web',
    serviceAccount: toServiceAccountFacts(
      { metadata: { namespace: 'shop', name: 'web', annotations: serviceAccount } },
      settings.annotationPrefix,
    ),
    podAnnotations: pod,
    containerCredentials: given.containerCredentials ? { has: () => true } : NO_CONTAINER_CREDENTIALS,
    configMap: given.configMap ? { find: () => entry } : NO_CONFIG_MAP_IDENTITIES,
    settings,
    rules: {
      namespace: namespace
        ? toNamespaceFacts({ metadata: { name: 'shop', annotations: namespace } })
        : undefined,
      policy: given.policy,
    },
    random: () => 0,
  });
}
