import { containerAudience } from '../../identity/roles.ts';
import { composeRoleArn, hasTrustPolicy, parseRoleArn } from '../../lib/arn.ts';
import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { IAM_MANAGED_BY, IAM_TAG } from '../../lib/contract/podrole.ts';
import type { Binding } from '../ask/binding.ts';
import type { AwsAccount } from '../iam/account.ts';
import type { InlinePolicy } from '../iam/inline-policy.ts';
import {
  defaultRoleName,
  inlinePolicyName,
  issuerTag,
  ownerId,
  providerArnOf,
  serviceAccountTag,
} from '../names.ts';
import { subjectOf } from '../trust/describe-subject.ts';
import type { TrustEntry } from '../trust/trust-entry.ts';
import { wellKnownPolicy } from '../well-known/well-known-policy.ts';
import type { DesiredBinding, DesiredRole, DesiredServiceAccount, PolicyList } from './desired.ts';
import { desiredTarget, targetAnnotations, targetPolicy } from './desired-target.ts';

/** Values that all bindings of a run have in common. */
export interface BindingContext extends AwsAccount {
  /** The issuer that signs the cluster's tokens; with `https://`. */
  readonly issuer: string;
  /** Further issuers to trust, while a cluster moves from one to another. */
  readonly alsoIssuers: readonly string[];
  /** Beginning of role names; undefined: they begin with the namespace. */
  readonly clusterName: string | undefined;
  /** Audience of the tokens. */
  readonly audience: string;
  readonly annotationPrefix: string;
  /** Region of the STS that the pods ask; only target roles need it. */
  readonly region?: string | undefined;
  /** Roles get podrole's own tags. */
  readonly ownershipTags: boolean;
}

/**
 * Completes a binding, which must be free of faults: see check-binding.ts.
 * @throws PodroleError `UNKNOWN_POLICY`
 */
export function resolveBinding(binding: Binding, context: BindingContext): DesiredBinding {
  const shaped = binding.attachRoleArn === undefined ? roleOf(binding, context) : undefined;
  const roleArn =
    binding.attachRoleArn ??
    composeRoleArn(`${shaped?.path}${shaped?.name}`, context.accountId, context.partition);
  const target = desiredTarget(binding, roleArn, context);
  const role =
    shaped && target
      ? { ...shaped, inlinePolicies: [...shaped.inlinePolicies, targetPolicy(target)] }
      : shaped;
  return {
    id: ownerId(binding),
    container: binding.container,
    roleArn,
    role,
    trustEntries: trustEntriesOf(binding, roleArn, context),
    ...(target && { target }),
    serviceAccount: binding.roleOnly ? undefined : serviceAccountOf(binding, roleArn, context),
  };
}

function roleOf(binding: Binding, context: BindingContext): DesiredRole {
  const { issuer, partition, clusterName } = context;
  const { namespace, serviceAccount, container, attachPolicyArns = [], inlinePolicies = [] } = binding;
  const ofContainer = container === undefined ? '' : `container ${container} of `;
  const wellKnown = (binding.wellKnown ?? []).map((name) => wellKnownPolicy(name, partition));
  return {
    name: binding.roleName ?? defaultRoleName(binding, clusterName),
    path: binding.rolePath ?? '/',
    description: `For ${ofContainer}ServiceAccount ${namespace}/${serviceAccount} of ${issuer}`,
    maxSessionDurationSeconds: binding.sessionDurationSeconds,
    permissionsBoundary: binding.permissionsBoundary,
    tags: {
      ...binding.tags,
      ...(context.ownershipTags
        ? {
            [IAM_TAG.managedBy]: IAM_MANAGED_BY,
            [IAM_TAG.serviceAccount]: serviceAccountTag(binding),
            [IAM_TAG.issuer]: issuerTag(issuer),
          }
        : {}),
    },
    attachedPolicyArns: [
      ...new Set([...attachPolicyArns, ...wellKnown.flatMap(({ managedPolicyArns }) => managedPolicyArns)]),
    ],
    inlinePolicies: [...inlinePolicies, ...wellKnown.flatMap((policy) => policy.inlinePolicies)].map(
      ownPolicy,
    ),
    givenLists: POLICY_LISTS.filter((list) => binding[list] !== undefined),
  };
}

const POLICY_LISTS: readonly PolicyList[] = [
  'attachPolicyArns',
  'inlinePolicies',
  'wellKnown',
  'targetRoleArn',
];

function ownPolicy({ name, document }: InlinePolicy): InlinePolicy {
  return { name: inlinePolicyName(name), document };
}

/** The provider must be in the account of the role: STS looks for it there. */
function trustEntriesOf(binding: Binding, roleArn: string, context: BindingContext): readonly TrustEntry[] {
  const { namespace, serviceAccount, container, subjectPattern, conditions } = binding;
  const ofPod = binding.audience ?? context.audience;
  const { partition, alsoIssuers } = context;
  const role = parseRoleArn(roleArn);
  if (role && !hasTrustPolicy(role)) return [];
  const accountId = role?.account ?? context.accountId;
  const subject = subjectPattern ?? subjectOf(namespace, serviceAccount);
  return [...new Set([context.issuer, ...alsoIssuers])].map((issuer) => ({
    providerArn: providerArnOf(issuer, { partition, accountId }),
    issuer,
    subject,
    isPattern: /[*?]/.test(subject),
    ...(container === undefined
      ? { audience: ofPod }
      : { audience: containerAudience(ofPod, container), container }),
    ...(conditions === undefined ? {} : { conditions }),
  }));
}

function serviceAccountOf(binding: Binding, roleArn: string, context: BindingContext): DesiredServiceAccount {
  const { namespace, serviceAccount, container, labels, annotations, audience } = binding;
  const { annotationPrefix } = context;
  const ofAudience =
    audience === undefined || audience === context.audience
      ? {}
      : { [annotationKey(annotationPrefix, 'audience')]: audience };
  return {
    namespace,
    name: serviceAccount,
    labels,
    annotations: {
      ...annotations,
      ...(container === undefined ? { [annotationKey(annotationPrefix, 'roleArn')]: roleArn } : {}),
      ...ofAudience,
      ...targetAnnotations(binding),
    },
    ...(container === undefined ? {} : { containerRoles: [{ container, roleArn }] }),
  };
}
