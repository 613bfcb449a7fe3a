import type { IAMClient } from '@aws-sdk/client-iam';
import { parseRoleArn } from '../lib/arn.ts';
import type { Fault } from '../lib/errors.ts';
import { asObject } from '../lib/json/json.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import type { Binding } from './ask/binding.ts';
import { annotatedRole } from './desired/annotated-role.ts';
import type { BindingContext } from './desired/resolve-binding.ts';
import type { BindingFacts } from './facts/collect-facts.ts';
import { mapLimited } from './facts/map-limited.ts';
import { IAM_READS_AT_ONCE } from './iam/open-iam.ts';
import { readRole } from './iam/read-role.ts';
import { ownerId, serviceAccountTag } from './names.ts';
import { adoptionFault } from './plan/role/adoption-fault.ts';
import { eksctlAccountNote } from './plan/role/role-managers.ts';
import { roleOwnership } from './plan/role/role-ownership.ts';

/** A binding with what exists for it. */
export interface AskedAndFound {
  readonly binding: Binding;
  readonly found: BindingFacts;
  readonly notes: readonly string[];
  /** Reasons why a role that should be adopted cannot be. */
  readonly faults: readonly Fault[];
}

export interface AnnotatedRoleOptions {
  readonly context: BindingContext;
  readonly dropIssuers: readonly string[];
  /** The user asks to replace the roles of ServiceAccounts. */
  readonly mayOverride: boolean;
  /** The user asks to keep the roles of ServiceAccounts, whoever made them. */
  readonly adopt: boolean;
  /** Returns the ARN that a role annotation means. */
  readonly completeRole: (given: string) => string;
}

/**
 * Keeps the role of an earlier run with `--role-name` or `--cluster-name`, if now neither is given: the
 * ServiceAccount is annotated with it, and its tags say that it is for this ServiceAccount of this cluster.
 * With `--adopt`, it keeps every role that a ServiceAccount is annotated with.
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
  const pairs = asked.map((binding, at) => ({ binding, found: found[at] ?? nothing, notes: [], faults: [] }));
  return mapLimited(pairs, IAM_READS_AT_ONCE, (pair) =>
    options.adopt ? adoptAnnotatedRole(iam, pair, options) : keepAnnotatedRole(iam, pair, options),
  );
}

async function keepAnnotatedRole(
  iam: IAMClient,
  asIs: AskedAndFound,
  { context, dropIssuers, mayOverride, completeRole }: AnnotatedRoleOptions,
): Promise<AskedAndFound> {
  const { binding, found } = asIs;
  const { roleName, attachRoleArn } = binding;
  const isNamed = (roleName ?? attachRoleArn ?? context.clusterName) !== undefined;
  const annotated = completeRole(annotatedRoleOf(asIs, context) ?? '');
  const arn = parseRoleArn(annotated);
  if (mayOverride || isNamed || isFound(found, annotated) || arn?.account !== context.accountId) return asIs;
  const role = await readRole(iam, arn.name);
  if (role?.arn !== annotated) return asIs;
  const { isOwn } = roleOwnership(role, {
    owner: serviceAccountTag(binding),
    issuers: [context.issuer, ...context.alsoIssuers, ...dropIssuers],
    trustEntries: [],
  });
  if (!isOwn) return asIs;
  const note = `${labelOf(binding)} keeps its role ${role.name}; give --role-name to change it`;
  return {
    ...asIs,
    binding: { ...binding, roleName: role.name },
    found: { ...found, role },
    notes: [note],
  };
}

async function adoptAnnotatedRole(
  iam: IAMClient,
  asIs: AskedAndFound,
  { context, completeRole }: AnnotatedRoleOptions,
): Promise<AskedAndFound> {
  const { binding, found } = asIs;
  const notes = isLabelledByEksctl(found) ? [eksctlAccountNote(binding)] : [];
  const withNotes = { ...asIs, notes };
  const written = annotatedRoleOf(asIs, context);
  const isNamed = (binding.roleName ?? binding.attachRoleArn) !== undefined;
  if (written === undefined || isNamed) return withNotes;
  const annotated = completeRole(written);
  if (isFound(found, annotated)) return withNotes;
  const object = labelOf(binding);
  const arn = parseRoleArn(annotated);
  const isHere = arn?.account === context.accountId && arn.partition === context.partition;
  const role = arn && isHere ? await readRole(iam, arn.name) : undefined;
  const fault = adoptionFault({ object, annotated, role, account: context });
  if (!role || fault) return { ...withNotes, faults: fault ? [fault] : [] };
  return {
    ...withNotes,
    binding: { ...binding, roleName: role.name },
    found: { ...found, role },
    notes: [...notes, `${object} keeps its role ${role.arn}, which becomes podrole's`],
  };
}

function annotatedRoleOf(
  { binding, found }: AskedAndFound,
  { annotationPrefix }: BindingContext,
): string | undefined {
  const { container } = binding;
  return annotatedRole(found.serviceAccount?.object, { annotationPrefix, container });
}

function isFound({ role }: BindingFacts, annotated: string): boolean {
  return role !== 'elsewhere' && role?.arn === annotated;
}

/** [eksctl] iamserviceaccounts: ServiceAccounts that it created have this label. */
function isLabelledByEksctl({ serviceAccount }: BindingFacts): boolean {
  const labels = asObject(metadataOf(serviceAccount?.object)?.['labels']);
  return labels?.['app.kubernetes.io/managed-by'] === 'eksctl';
}

function labelOf(binding: Binding): string {
  return `${binding.container === undefined ? 'ServiceAccount' : 'container'} ${ownerId(binding)}`;
}
