import { parseRoleArn } from '../../lib/arn.ts';
import type { Fault } from '../../lib/errors.ts';
import type { DesiredBinding } from '../desired/desired.ts';
import { mergeServiceAccounts } from '../desired/merge-service-accounts.ts';
import type { BindingFacts, Facts } from '../facts/collect-facts.ts';
import { mergeTrustPolicy } from '../trust/merge-trust-policy.ts';
import { planProvider } from './plan-provider.ts';
import { planServiceAccount } from './plan-service-account.ts';
import { EMPTY_PLAN, joinPlans, type Plan } from './plan-step.ts';
import { planTrust } from './plan-trust.ts';
import { otherRoleFault } from './role/other-role-fault.ts';
import { planRole } from './role/plan-role.ts';
import { policyFindings } from './role/policy-findings.ts';
import { planTargetRole } from './target/plan-target-role.ts';

export interface PlanOptions {
  readonly annotationPrefix: string;
  readonly dropIssuers: readonly string[];
  readonly prune: boolean;
  readonly trustPolicyLimit: number;
  /** Allows to change the trust policy of an attached role. */
  readonly updateTrust: boolean;
  readonly overrideExistingServiceAccounts: boolean;
  /** Adopts roles that podrole did not create. Left out: false. */
  readonly adopt?: boolean;
  /** `widen` and `now` of TrustOptions. */
  readonly widenTrust?: boolean;
  readonly now?: Date;
  /** Returns the ARN that a role annotation means. Left out: what it holds. */
  readonly completeRole?: (given: string) => string;
  /** `id` of each binding whose role the user named. */
  readonly namedRoles: ReadonlySet<string>;
}

/**
 * Plans bindings: providers first, then each role with its policies, and its ServiceAccount last, so that no
 * pod gets a role that does not exist.
 * @param asked in the order of facts.bindings
 */
export function planBindings(asked: readonly DesiredBinding[], facts: Facts, options: PlanOptions): Plan {
  const { bindings, faults } = mergeServiceAccounts(asked);
  const providers = facts.providers.map(({ desired, facts: found, accountArns, thumbprints, notes }) => {
    const asked = { desired, thumbprints, tags: {}, prune: false };
    return joinPlans([planProvider(asked, found, accountArns), { ...EMPTY_PLAN, notes }]);
  });
  const attached = Map.groupBy(
    bindings.filter(({ role }) => !role),
    ({ roleArn }) => roleArn,
  );
  const found = withEachNamespaceOnce(bindings, facts.bindings);
  return joinPlans([
    { ...EMPTY_PLAN, faults: [...faults, ...duplicateFaults(bindings)] },
    policyFindings(facts.policies),
    ...providers,
    ...bindings.map((binding, at) => {
      const { role, target, serviceAccount } = found[at] ?? NOTHING;
      const plan = joinPlans([
        planRoleOf(binding, role, attached.get(binding.roleArn) ?? [], options),
        planTargetRole(binding, { role, target }, options.trustPolicyLimit),
        binding.serviceAccount && serviceAccount
          ? planServiceAccount(binding.serviceAccount, serviceAccount, {
              annotationPrefix: options.annotationPrefix,
              mayOverride: options.overrideExistingServiceAccounts,
              completeRole: options.completeRole,
            })
          : EMPTY_PLAN,
      ]);
      const isUnchanged = plan.steps.length === 0 && (plan.notDone ?? []).length === 0;
      return isUnchanged ? { ...plan, unchanged: [`binding ${binding.id}`] } : plan;
    }),
  ]);
}

const NOTHING: BindingFacts = { role: undefined, serviceAccount: undefined };

/** Several ServiceAccounts may need the same new namespace: the first of them creates it. */
function withEachNamespaceOnce(
  bindings: readonly DesiredBinding[],
  facts: readonly BindingFacts[],
): readonly BindingFacts[] {
  const created = new Set<string>();
  return facts.map((found, at) => {
    const namespace = bindings[at]?.serviceAccount?.namespace;
    const { serviceAccount } = found;
    if (namespace === undefined || !serviceAccount || serviceAccount.hasNamespace) return found;
    if (created.has(namespace))
      return { ...found, serviceAccount: { ...serviceAccount, hasNamespace: true } };
    created.add(namespace);
    return found;
  });
}

function planRoleOf(
  binding: DesiredBinding,
  facts: BindingFacts['role'],
  sharers: readonly DesiredBinding[],
  options: PlanOptions,
): Plan {
  const { dropIssuers, prune, trustPolicyLimit, widenTrust: widen, now, adopt } = options;
  if (binding.role) {
    const isNamed = options.namedRoles.has(binding.id);
    const found = facts === 'elsewhere' ? undefined : facts;
    const asked = { isNamed, adopt, dropIssuers, prune, trustPolicyLimit, widen, now };
    return planRole(binding, binding.role, found, asked);
  }
  const { roleArn, trustEntries } = binding;
  if (facts === 'elsewhere') {
    if (trustEntries.length === 0) {
      const note = `${roleArn} is a role of MinIO: give it the issuer and its policies there`;
      return { ...EMPTY_PLAN, notes: [note] };
    }
    const providers = trustEntries.map(({ providerArn }) => providerArn).join(', ');
    const unchecked = 'is in another account: its trust policy is not checked';
    const note = `${roleArn} ${unchecked}, and ${providers} must exist there`;
    return { ...EMPTY_PLAN, notes: [note] };
  }
  if (!facts) {
    const remedy = 'give the ARN of a role that exists, or --role-name to create one';
    return {
      ...EMPTY_PLAN,
      faults: [{ code: 'ROLE_NOT_FOUND', object: roleArn, problem: 'does not exist', remedy }],
    };
  }
  const other = otherRoleFault(facts, roleArn);
  if (other) return { ...EMPTY_PLAN, faults: [other] };
  // Several ServiceAccounts of a file may share a role: the first of them writes its trust policy once.
  if (sharers[0] !== binding) return EMPTY_PLAN;
  const entries = sharers.flatMap((other) => other.trustEntries);
  const trust = { trustEntries: entries, dropIssuers, prune, widen, now };
  if (options.updateTrust) return planTrust(facts, trust, trustPolicyLimit);
  const isTrusting = mergeTrustPolicy(facts.trustPolicy, trust) === facts.trustPolicy;
  const subjects = trustEntries.map(({ subject }) => subject).join(', ');
  const remedy = 'leave out --update-trust=false to change that';
  const note = `role ${facts.name} does not trust ${subjects} yet; ${remedy}`;
  return { ...EMPTY_PLAN, notes: isTrusting ? [] : [note] };
}

function duplicateFaults(bindings: readonly DesiredBinding[]): readonly Fault[] {
  const byRole = Map.groupBy(bindings, roleKey);
  return bindings.flatMap((binding) => {
    const { id, role, roleArn } = binding;
    const first = byRole.get(roleKey(binding))?.[0];
    if (first === binding || (!role && !first?.role)) return [];
    const problem = `has the role of binding ${first?.id}, ${first?.roleArn ?? roleArn}`;
    const remedy =
      'give it a role name of its own; to share a role, bind the second by its ARN in a run of its own';
    return [{ code: 'DUPLICATE_ROLE', object: `binding ${id}`, problem, remedy }];
  });
}

/** For IAM, a role's name is unique in its account across all paths, whatever the case of its letters. */
function roleKey({ roleArn }: DesiredBinding): string {
  const { account, name } = parseRoleArn(roleArn) ?? { account: '', name: roleArn };
  return `${account}/${name.toLowerCase()}`;
}
