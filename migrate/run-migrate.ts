import { createUnread } from '../doctor/audit/collect/unread.ts';
import { CLUSTER_TIMEOUT_MS } from '../kubernetes/command-timeout.ts';
import { connect } from '../kubernetes/connect.ts';
import { systemClock } from '../lib/clock.ts';
import { renderForPrograms } from '../lib/for-programs.ts';
import { doneIf, type Outcome } from '../lib/outcome.ts';
import { counted } from '../lib/text/counted.ts';
import { painter } from '../lib/text/paint.ts';
import { printable } from '../lib/text/printable.ts';
import { buildMigrationModel } from './build-model.ts';
import { runCheck } from './check/run-check.ts';
import { collectMigration } from './collect/collect-migration.ts';
import { readProxies, roleAnnotationOf } from './collect/read-proxies.ts';
import type { MigrationModel, OldProxy } from './model.ts';
import { renderPlan } from './output/render-plan.ts';
import { agreeToProbe, probeModel } from './probe/run-probe.ts';
import { checkMigrateSettings, type MigrateSettings } from './settings.ts';
import { writeSteps } from './steps/write-steps.ts';
import type { MigrateSurroundings } from './surroundings.ts';

/**
 * Runs `podrole migrate kube2iam` and `podrole migrate kiam`, which change nothing but the files of --out.
 * @returns with --exit-code: `changes` if pods lose something; `incomplete` if there was nothing to read, and
 *   with --exit-code also if IAM was not read. With --check: see runCheck
 * @throws PodroleError for settings and files, `NO_CLUSTER`, `INVALID_KUBECONFIG`, `FILE_EXISTS`,
 *   `NOT_WRITTEN`, `NOT_CONFIRMED`
 */
export async function runMigrate(
  from: OldProxy,
  settings: MigrateSettings,
  surroundings: MigrateSurroundings,
): Promise<Outcome> {
  checkMigrateSettings(settings);
  if (settings.check) return await checkProgress(from, settings, surroundings);
  if (settings.probe) await agreeToProbe(settings, surroundings);
  const { stdout, isColored, progress } = surroundings;
  const { facts, hasObjects } = await collectMigration({
    ...surroundings,
    ...{ from, settings, clock: systemClock },
  });
  const planned = buildMigrationModel(facts);
  const model = settings.probe ? await probeModel(planned, settings, surroundings) : planned;
  progress.clear();
  if (settings.out !== undefined) await writeFiles(model, settings.out, settings.force, surroundings);
  stdout.write(
    settings.output === 'text'
      ? renderPlan(model, painter(isColored.stdout), settings.out)
      : renderForPrograms(model, settings.output),
  );
  if (!hasObjects) return 'incomplete';
  if (!settings.exitCode) return 'done';
  const isBroken = model.findings.some(({ weight }) => weight === 'breaks');
  return isBroken ? 'changes' : doneIf(facts.iam.roles !== undefined || !settings.iam);
}

async function writeFiles(
  model: MigrationModel,
  folder: string,
  force: boolean,
  { stderr, deferSignals }: MigrateSurroundings,
): Promise<void> {
  const { written, unchanged, foreign } = await deferSignals(() => writeSteps(model, folder, { force }));
  const same = unchanged.length > 0 ? `, ${unchanged.length} are unchanged` : '';
  const others = foreign.length > 0 ? `; ${counted(foreign.length, 'file')} of others stay` : '';
  const text = `wrote ${counted(written.length, 'file')} to ${folder}${same}${others}; begin with its README.md`;
  stderr.write(`note: ${printable(text)}\n`);
}

async function checkProgress(
  from: OldProxy,
  settings: MigrateSettings,
  { env, signal, ...surroundings }: MigrateSurroundings,
): Promise<Outcome> {
  const client = connect(settings, env);
  try {
    const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
    // The check says by itself what it could not read.
    const access = { client, limits, namespace: undefined, unread: createUnread() };
    const roleAnnotation =
      settings.podRoleAnnotation ?? roleAnnotationOf(settings, await readProxies(access, from));
    const { namespace, since: sinceMs, output } = settings;
    const input = { client, signal, now: systemClock.now, from, namespace, sinceMs, roleAnnotation };
    return await runCheck(input, output === 'text' ? 'table' : output, surroundings);
  } finally {
    client.close();
  }
}
