import { completeRoleArn } from '../identity/roles.ts';
import { hasTrustPolicy, oddityOf, parseRoleArn } from '../lib/arn.ts';
import { systemClock } from '../lib/clock.ts';
import { DEFAULT_TOKEN_AUDIENCE } from '../lib/contract/aws-webhook.ts';
import { collectFaults, type Fault, throwIfAny } from '../lib/errors.ts';
import type { Outcome } from '../lib/outcome.ts';
import { printable } from '../lib/text/printable.ts';
import { carryOut } from './apply/carry-out.ts';
import type { Binding } from './ask/binding.ts';
import { type AskedBindings, type FilesRead, readBindingsFiles } from './ask/bindings-file/read-files.ts';
import { bindingsSchema } from './ask/bindings-file/schema.ts';
import { checkBindSettings, checkDropIssuers } from './ask/check-bind-settings.ts';
import { bindingFaults, partitionFaults } from './ask/check-binding.ts';
import { guardCluster } from './ask/cluster/guard-cluster.ts';
import { readAskedBindings } from './ask/read-asked-bindings.ts';
import { checkTargetProfile, targetRegion } from './ask/target-settings.ts';
import { normalThumbprint } from './ask/thumbprint.ts';
import type { DesiredBinding } from './desired/desired.ts';
import { desiredFaults } from './desired/desired-faults.ts';
import { desiredProviders } from './desired/desired-providers.ts';
import { type BindingContext, resolveBinding } from './desired/resolve-binding.ts';
import { existingIn } from './export/existing.ts';
import { writeExport } from './export/write-export.ts';
import { collectFacts, type Facts } from './facts/collect-facts.ts';
import { findIssuer } from './find-issuer.ts';
import { ACCOUNT_OF_MINIO, type AwsAccount } from './iam/account.ts';
import { findAccount } from './iam/find-account.ts';
import { type TargetIam, withTargetIam } from './iam/target-iam.ts';
import { type AskedAndFound, keepAnnotatedRoles } from './keep-annotated-roles.ts';
import { ownerId } from './names.ts';
import { keepUnasked, type Unasked } from './plan/keep-unasked.ts';
import { planBindings } from './plan/plan.ts';
import { EMPTY_PLAN, joinPlans } from './plan/plan-step.ts';
import { audienceFaults, withAudienceOfPods } from './plan/pod-audience.ts';
import { reportWorkloads } from './restart/report-workloads.ts';
import { type BindSettings, isExportFormat, isOfflineExport } from './settings.ts';
import type { BindSurroundings } from './surroundings.ts';
import { mergeTrustPolicy } from './trust/merge-trust-policy.ts';
import { afterwardsOf } from './well-known/well-known-policy.ts';
import { type IamAndCluster, withIamAndCluster } from './with-iam-and-cluster.ts';

/**
 * Runs `podrole bind`. Nothing is written before everything has been read, checked and shown.
 * @param operands the ServiceAccount, if no file names it
 * @returns the outcome of carryOut
 * @throws PodroleError with every fault of the settings, of the bindings, or of the plan against IAM and the
 * cluster
 */
export async function runBind(
  settings: BindSettings,
  surroundings: BindSurroundings,
  operands: readonly string[],
): Promise<Outcome> {
  const { stdout, stderr, env, signal, progress } = surroundings;
  if (settings.printSchema) {
    stdout.write(`${JSON.stringify(bindingsSchema, null, 2)}\n`);
    return 'done';
  }
  const note = (line: string) => stderr.write(`note: ${printable(line)}\n`);
  const files = await readBindingsFiles(settings, surroundings.stdin);
  const given = readAndCheck(settings, operands, files, note);
  for (const line of given.bindings.flatMap(oddRoleNotes)) note(line);
  const isOffline = isOfflineExport(settings);
  for (const line of guardCluster({ ...settings, isOffline }, given, env)) note(line);
  const region = await targetRegion(given.bindings, settings);
  const profile = isOffline ? undefined : settings.targetProfile;
  const bindAll = async (targetIam: TargetIam | undefined, opened: IamAndCluster) => {
    const { iam, cluster, openedCluster } = opened;
    const issuer = await findIssuer(settings.issuer, cluster, signal);
    checkDropIssuers(settings.dropIssuer, issuer);
    const thumbprints = settings.thumbprint.map(normalThumbprint);
    const account = needsIam(given.bindings) ? await findAccount(settings, env, iam) : ACCOUNT_OF_MINIO;
    const context = { ...contextOf(settings, issuer, account), region };
    const asked = withAudienceOfPods(given.withAccount(account));
    const bindings = resolveAll(asked, context);
    const providers = settings.withProvider ? desiredProviders(bindings, context.accountId) : [];
    const { output: format, trustPolicyLimit } = settings;
    if (isExportFormat(format) && isOffline) {
      writeExport(format, { providers, thumbprints, bindings }, trustPolicyLimit, surroundings);
      return 'done';
    }
    const client = bindings.some(({ serviceAccount }) => serviceAccount) ? cluster() : undefined;
    checkTargetProfile(
      bindings.flatMap(({ target }) => target?.roleArn ?? []),
      targetIam,
    );
    const sources = { iam, targetIam, cluster: client, env, signal, progress };
    const found = await collectFacts(
      { bindings, providers, accountId: context.accountId, thumbprints },
      sources,
    );
    const completeRole = (given: string) =>
      completeRoleArn(given, { ...context, composeRoleArn: settings.composeRoleArn, awsDefaultRegion: '' });
    const kept = await keepAnnotatedRoles(iam, asked, found.bindings, {
      context,
      dropIssuers: settings.dropIssuer,
      mayOverride: settings.overrideExistingServiceaccounts,
      adopt: settings.adopt,
      completeRole,
    });
    refuse(kept.flatMap(({ faults }) => faults));
    refuse(audienceFaults(kept, { tokenAudience: settings.tokenAudience, context }));
    const completed = completeAll(kept, found, { tokenAudience: settings.tokenAudience, context });
    const { facts, notes } = completed;
    const planned = planBindings(completed.bindings, facts, {
      annotationPrefix: settings.annotationPrefix,
      dropIssuers: settings.dropIssuer,
      prune: settings.prune,
      trustPolicyLimit: settings.trustPolicyLimit,
      updateTrust: settings.updateTrust,
      widenTrust: settings.widenTrust,
      adopt: settings.adopt,
      completeRole,
      now: systemClock.now(),
      overrideExistingServiceAccounts: settings.overrideExistingServiceaccounts,
      namedRoles: new Set(
        kept.flatMap(({ binding }) => (binding.roleName === undefined ? [] : [ownerId(binding)])),
      ),
    });
    const names = asked.flatMap(({ wellKnown }) => wellKnown ?? []);
    const afterwards = planned.steps.length > 0 ? afterwardsOf(names) : [];
    const plan = joinPlans([planned, { ...EMPTY_PLAN, notes: [...notes, ...afterwards] }]);
    if (isExportFormat(format)) {
      throwIfAny(plan.faults);
      for (const line of plan.notes) note(line);
      const trust = { dropIssuers: settings.dropIssuer, prune: settings.prune, widen: settings.widenTrust };
      const existing = existingIn(completed.bindings, facts, (policy, trustEntries) =>
        mergeTrustPolicy(policy, { ...trust, trustEntries }),
      );
      const exported = { providers: facts.providers.map(({ desired }) => desired), thumbprints, existing };
      writeExport(format, { ...exported, bindings: completed.bindings }, trustPolicyLimit, surroundings);
      return 'done';
    }
    const output = format === 'plan' ? 'text' : format;
    const target = { cluster: openedCluster(), account, issuer };
    const outcome = await carryOut(plan, { ...settings, target, output }, sources, surroundings);
    if (client && (settings.approve || plan.steps.length === 0)) {
      const reportTo = output !== 'text' ? { ...surroundings, stdout: stderr } : surroundings;
      const bound = completed.bindings.map((binding, at) => [binding, facts.bindings[at]] as const);
      await reportWorkloads(client, bound, settings.restart && settings.approve, reportTo);
    }
    return outcome;
  };
  return withTargetIam(profile, env, (targetIam) =>
    withIamAndCluster(settings, env, (opened) => bindAll(targetIam, opened)),
  );
}

/** @throws PodroleError with the faults of the settings and of the bindings together */
function readAndCheck(
  settings: BindSettings,
  operands: readonly string[],
  files: FilesRead,
  notice: (line: string) => void,
): AskedBindings {
  const faults: Fault[] = [];
  collectFaults(faults, () => checkBindSettings(settings));
  const asked = collectFaults(faults, () => readAskedBindings(settings, operands, files, notice));
  throwIfAny([...faults, ...(asked?.bindings ?? []).flatMap(bindingFaults)]);
  return asked ?? { bindings: [], clusters: [], withAccount: () => [] };
}

/** Resolves the bindings again, with what exists for what is not asked for. */
function completeAll(kept: readonly AskedAndFound[], found: Facts, unasked: Unasked) {
  const completed = kept.map((pair) => keepUnasked(pair.binding, pair.found, unasked));
  const bindings = completed.map(({ binding, context }) => resolveBinding(binding, context));
  const wanted = new Map(
    desiredProviders(bindings, unasked.context.accountId).map((provider) => [provider.arn, provider]),
  );
  const providers = found.providers.map((provider) => ({
    ...provider,
    desired: wanted.get(provider.desired.arn) ?? provider.desired,
  }));
  return {
    bindings,
    facts: { ...found, providers, bindings: kept.map((pair) => pair.found) },
    notes: [...kept, ...completed].flatMap(({ notes }) => notes),
  };
}

function oddRoleNotes({ attachRoleArn = '' }: Binding): readonly string[] {
  const role = parseRoleArn(attachRoleArn);
  const oddity = role && oddityOf(role);
  return oddity === undefined ? [] : [`the role ARN ${attachRoleArn} ${oddity}`];
}

/** Returns false if all roles are MinIO's, which has no IAM. The ServiceAccounts are only annotated. */
function needsIam(asked: readonly Binding[]): boolean {
  const roles = asked.map(({ attachRoleArn }) => parseRoleArn(attachRoleArn ?? ''));
  return roles.some((role) => !role || hasTrustPolicy(role));
}

function contextOf(settings: BindSettings, issuer: string, account: AwsAccount): BindingContext {
  return {
    ...account,
    issuer,
    alsoIssuers: settings.alsoIssuer,
    clusterName: settings.clusterName,
    audience: settings.tokenAudience ?? DEFAULT_TOKEN_AUDIENCE,
    annotationPrefix: settings.annotationPrefix,
    ownershipTags: settings.ownershipTags,
  };
}

function resolveAll(asked: readonly Binding[], context: BindingContext): readonly DesiredBinding[] {
  refuse(asked.flatMap((binding) => partitionFaults(binding, context.partition)));
  const bindings = asked.map((binding) => resolveBinding(binding, context));
  refuse(bindings.flatMap(desiredFaults));
  if (!context.ownershipTags) refuseAttachedPolicies(bindings);
  return bindings;
}

/** A tag remembers which policies podrole attached: without tags podrole could not detach them again. */
function refuseAttachedPolicies(bindings: readonly DesiredBinding[]): void {
  refuse(
    bindings
      .filter(({ role }) => role && role.attachedPolicyArns.length > 0)
      .map(({ id }) => ({
        code: 'INVALID_SETTING',
        object: '--ownership-tags',
        problem: `is false, but the role of ${id} has managed policies, which podrole remembers in a tag`,
        remedy: 'give the permissions by --policy-file',
      })),
  );
}

function refuse(faults: readonly Fault[]): void {
  throwIfAny(faults);
}
