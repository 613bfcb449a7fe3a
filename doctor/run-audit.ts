import type { Readable } from 'node:stream';
import type { ApiClient } from '../kubernetes/api-client.ts';
import { systemClock } from '../lib/clock.ts';
import { confirm } from '../lib/confirm.ts';
import { PodroleError } from '../lib/errors.ts';
import { DEFAULT_NAMESPACE } from '../lib/operands/service-accounts.ts';
import { doneIf, type Outcome } from '../lib/outcome.ts';
import type { Env, IsColored, Output, Progress, SignalHandling } from '../lib/surroundings.ts';
import { painter } from '../lib/text/paint.ts';
import { printable } from '../lib/text/printable.ts';
import { askedOf, refuseUnknownNamespace } from './audit/asked-grants.ts';
import { buildModel } from './audit/build-model.ts';
import { collectAudit, failedProbe } from './audit/collect/collect-audit.ts';
import { type OpenCluster, openClusters } from './audit/collect/open-clusters.ts';
import { commandsOnClusters } from './audit/commands-on-clusters.ts';
import { contextName } from './audit/context-name.ts';
import type { AuditFacts, MetadataProbe } from './audit/facts/audit-facts.ts';
import { judgeChains } from './audit/judge-chains.ts';
import type { AuditModel } from './audit/model.ts';
import { renderAudit } from './audit/output/render.ts';
import { type AuditSettings, checkAuditSettings } from './audit/settings.ts';
import { SEVERITIES } from './audit/severity.ts';
import { renderReport } from './report/render-report.ts';
import { refuseReport, writeReport } from './report/write-report.ts';

export interface AuditSurroundings extends Output, Pick<SignalHandling, 'signal' | 'deferSignals'> {
  readonly stdin: Readable;
  readonly env: Env;
  readonly isColored: IsColored;
  readonly progress: Progress;
  /** Starts two pods that try to reach the instance metadata of their node, and removes them. */
  readonly probeMetadata: (probe: MetadataProbeInput) => Promise<MetadataProbe>;
}

export interface MetadataProbeInput {
  readonly client: ApiClient;
  readonly namespace: string;
  readonly image: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Runs `podrole audit`, which changes nothing. Only --probe-metadata starts pods, and removes them.
 * @returns with --fail-on: `changes` if a finding is as severe; `incomplete` if roles, ServiceAccounts or
 *   an issuer could not be read, since nothing was then judged
 * @throws PodroleError `CLUSTER_NOT_AUDITED` after the rest is printed, `NOT_WRITTEN`, `NOT_CONFIRMED`
 */
export async function runAudit(settings: AuditSettings, surroundings: AuditSurroundings): Promise<Outcome> {
  checkAuditSettings(settings);
  const { stdout, env, signal, isColored, progress } = surroundings;
  const { report } = settings;
  if (report !== undefined) await refuseReport(report, settings.force);
  const asked = askedOf(settings.role, settings.serviceAccount, settings.namespace);
  const clusters = openClusters(settings, env);
  try {
    if (settings.probeMetadata) await agreeToProbe(clusters, settings, surroundings);
    const { facts, failed } = await collectAudit({
      ...{ settings, clusters, env, signal, clock: systemClock, progress },
      probeMetadata: settings.probeMetadata ? (cluster) => probe(cluster, settings, surroundings) : undefined,
    });
    if (facts.clusters.length === 0) throw notAudited(failed);
    if (failed.length === 0) refuseUnknownNamespace(settings.namespace, facts);
    const model = commandsOnClusters(buildModel(facts, judgeChains, asked), settings);
    progress.clear();
    stdout.write(renderAudit(model, settings.output, painter(isColored.stdout)));
    if (report !== undefined) await writeReport(report, renderReport(model), settings.force);
    if (failed.length > 0) throw notAudited(failed);
    return outcomeOf(model, facts, settings.failOn);
  } finally {
    for (const { client } of clusters) client.close();
  }
}

function notAudited(failed: readonly { readonly context: string; readonly said: string }[]): PodroleError {
  return new PodroleError(
    failed.map(({ context, said }) => ({
      code: 'CLUSTER_NOT_AUDITED',
      object: `cluster ${contextName(context)}`,
      problem: `was not audited: ${said}`,
      remedy: 'check the context, with which kubectl get serviceaccounts -A must work',
    })),
  );
}

function outcomeOf(
  { findings }: AuditModel,
  { iam, clusters }: AuditFacts,
  failOn: AuditSettings['failOn'],
): Outcome {
  if (failOn === 'none') return 'done';
  const limit = SEVERITIES.indexOf(failOn);
  if (findings.some(({ severity }) => SEVERITIES.indexOf(severity) <= limit)) return 'changes';
  // A pipeline without credentials must not pass. Without its issuer, no role is of a cluster.
  return doneIf(
    iam.roles !== undefined &&
      clusters.every(({ hasAllServiceAccounts, issuer }) => hasAllServiceAccounts && issuer !== undefined),
  );
}

/** Asks before anything is read: the answer must not come too late. */
async function agreeToProbe(
  clusters: readonly OpenCluster[],
  { namespace = DEFAULT_NAMESPACE, yes }: AuditSettings,
  surroundings: AuditSurroundings,
): Promise<void> {
  if (yes) return;
  const names = clusters.map(({ context }) => contextName(context)).join(', ');
  const where = `namespace ${namespace} of ${clusters.length === 1 ? 'cluster' : 'each of the clusters'} ${names}`;
  surroundings.progress.clear();
  const question = `Start two short-lived pods in ${where}, which try to reach the instance metadata of their node?`;
  if (await confirm(printable(question), surroundings, surroundings.signal)) return;
  throw new PodroleError({
    code: 'NOT_CONFIRMED',
    object: '--probe-metadata',
    problem: `would start two pods in ${where}, and nobody agreed`,
    remedy: 'answer yes, or give --yes; nothing was started',
  });
}

function probe(
  { client }: OpenCluster,
  { namespace = DEFAULT_NAMESPACE, image }: AuditSettings,
  { signal, deferSignals, probeMetadata }: AuditSurroundings,
): Promise<MetadataProbe> {
  // An interrupted run still removes its pods.
  return deferSignals(() => probeMetadata({ client, namespace, image, signal }).catch(failedProbe));
}
