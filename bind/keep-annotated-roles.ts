import type { IAMClient } from '@aws-sdk/client-iam';
import { parseRoleArn } from '../lib/arn.ts';
import type { Binding } from './ask/binding.ts';
import { annotatedRole } from './desired/annotated-role.ts';
import type { BindingContext } from './desired/resolve-binding.ts';
import type { BindingFacts } from './facts/collect-facts.ts';
import { mapLimited } from './facts/map-limited.ts';
import { IAM_READS_AT_ONCE } from './iam/open-iam.ts';
import { readRole } from './iam/read-role.ts';
import { ownerId, serviceAccountTag } from './names.ts';
import { roleOwnership } from './plan/role-ownership.ts';

/** A binding with what exists for it. */
export interface AskedAndFound {
  readonly binding: Binding;
  readonly found: BindingFacts;
  readonly notes: readonly string[];
}

export interface AnnotatedRoleOptions {
  readonly context: BindingContext;
  readonly dropIssuers: readonly string[];
  /** The user asks to replace the roles of ServiceAccounts. */
  readonly mayOverride: boolean;
}

/**
 * Keeps the role of an earlier run with `--role-name` or `--cluster-name`, if now neither is given: the
 * ServiceAccount is annotated with it, and its tags say that it is for this ServiceAccount of this cluster.
 * @param asked in the order of `found`
 * @throws PodroleError if a role cannot be read; see iam-fault.ts
 */
export function keepAnnotatedRoles(
  iam: IAMClient,
  asked: readonly Binding[],
  found: readonly BindingFacts[],
  options: AnnotatedRoleOptions,
): Promise<readonly AskedAndFound[]> {
  const nothing: BindingFacts = { role: undefined, serviceAccount: undefined };
  const pairs = asked.map((binding, at) => ({ binding, found: found[at] ?? nothing, notes: [] }));
  return mapLimited(pairs, IAM_READS_AT_ONCE, (pair) => keepAnnotatedRole(iam, pair, options));
}

async function keepAnnotatedRole(
  iam: IAMClient,
  asIs: AskedAndFound,
  { context, dropIssuers, mayOverride }: AnnotatedRoleOptions,
): Promise<AskedAndFound> {
  const { binding, found } = asIs;
  const { container, roleName, attachRoleArn } = binding;
  const isNamed = (roleName ?? attachRoleArn ?? context.clusterName) !== undefined;
  const { annotationPrefix } = context;
  const annotated = annotatedRole(found.serviceAccount?.object, { annotationPrefix, container }) ?? '';
  const arn = parseRoleArn(annotated);
  const isFound = found.role !== 'elsewhere' && found.role?.arn === annotated;
  if (mayOverride || isNamed || isFound || arn?.account !== context.accountId) return asIs;
  const role = await readRole(iam, arn.name);
  if (role?.arn !== annotated) return asIs;
  const { isOwn } = roleOwnership(role, {
    owner: serviceAccountTag(binding),
    issuers: [context.issuer, ...context.alsoIssuers, ...dropIssuers],
    trustEntries: [],
  });
  if (!isOwn) return asIs;
  return {
    binding: { ...binding, roleName: role.name },
    found: { ...found, role },
    notes: [
      `${container === undefined ? 'ServiceAccount' : 'container'} ${ownerId(binding)} keeps its role ${role.name}; give --role-name to change it`,
    ],
  };
}
