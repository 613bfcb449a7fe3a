import { describeFaultWithCode } from '../../lib/errors.ts';
import type { Env, Output } from '../../lib/surroundings.ts';
import { openPublication } from '../publication/open-publication.ts';
import { applyPublication, type PublicationRequest, planPublication } from '../publication/publish.ts';
import type { ServedKey } from '../sources/key-source.ts';
import { verifyEndpoint } from '../verify/verify-endpoint.ts';
import { type ApiServer, findApiServers } from './evidence/api-servers.ts';
import { collectEvidence } from './evidence/collect-evidence.ts';
import { readNewKey, withKey } from './evidence/new-key.ts';
import { announceOverride } from './report/announce-override.ts';
import { type RotationReport, reportJson, reportText } from './report/rotation-report.ts';
import { reportStatus, reportStep } from './report/step-report.ts';
import { checkRotateSettings, type RotateSettings } from './settings.ts';
import type { RotationStep } from './state/rotation-state.ts';
import { rotationStore } from './state/rotation-store.ts';
import { takeStep } from './take-step.ts';

export interface RotateSurroundings extends Output {
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/**
 * Runs `podrole keys rotate STEP`.
 * @param operand the step, as it stands on the command line
 * @returns whether the step is done, or was done before; true for status
 * @throws PodroleError with all that is wrong with the settings, or where the world can't be looked at or written to
 */
export async function runRotate(
  operand: string | undefined,
  settings: RotateSettings,
  surroundings: RotateSurroundings,
): Promise<boolean> {
  const command = checkRotateSettings(operand, settings);
  const { stdout, stderr, signal } = surroundings;
  const newKey = settings.keyFile === undefined ? undefined : await readNewKey(settings.keyFile, signal);
  const report = await withWorld(settings, surroundings, (world) =>
    command === 'status' ? status(world) : walk(command, newKey, settings, world, surroundings),
  );
  stdout.write(settings.output === 'json' ? reportJson(report) : reportText(report));
  if (command === 'status') return true;
  if (settings.output === 'text') {
    for (const fault of report.faults) stderr.write(`error: ${describeFaultWithCode(fault)}\n`);
  }
  return report.faults.length === 0;
}

/** All that a step looks at and changes. */
interface World {
  readonly publication: PublicationRequest;
  readonly servers: readonly ApiServer[];
  readonly collect: () => ReturnType<typeof collectEvidence>;
  readonly store: ReturnType<typeof rotationStore>;
  readonly nowMs: () => number;
}

async function withWorld(
  settings: RotateSettings,
  { env, signal, now }: RotateSurroundings,
  use: (world: World) => Promise<RotationReport>,
): Promise<RotationReport> {
  const verify = verifyEndpoint(settings);
  // The Kubernetes client takes longer to load than everything else together.
  const { connect } = await import('../../kubernetes/connect.ts');
  const connectTo = (address: string | undefined) =>
    connect({ ...settings, kubeApi: address ?? settings.kubeApi }, env);
  const opened = await openPublication({ ...settings, keyFile: [], jwks: undefined }, env, now);
  try {
    const publication = await opened.request(signal);
    const { issuer, target } = publication;
    const apiServers = await findApiServers(settings.apiServer, connectTo, signal);
    try {
      const nowMs = () => now().getTime();
      const endpoint = { ...verify, issuer };
      const { serviceAccount } = settings;
      return await use({
        publication,
        servers: apiServers.servers,
        collect: () => collectEvidence({ apiServers, target, endpoint, serviceAccount, nowMs, signal }),
        store: rotationStore(target, issuer),
        nowMs,
      });
    } finally {
      apiServers.close();
    }
  } finally {
    opened.close();
  }
}

async function status({ store, collect, nowMs }: World): Promise<RotationReport> {
  const state = await store.read();
  const evidence = await collect();
  return reportStatus(state, evidence, nowMs());
}

async function walk(
  step: RotationStep,
  newKey: ServedKey | undefined,
  settings: RotateSettings,
  world: World,
  surroundings: RotateSurroundings,
): Promise<RotationReport> {
  const { publication, collect, store, nowMs } = world;
  const state = await store.read();
  const [first] = world.servers;
  const override =
    settings.now && first
      ? await announceOverride({
          ...{ step, state, reason: settings.reason ?? '', nowMs: nowMs(), client: first.client },
          ...{ env: surroundings.env, signal: surroundings.signal },
          say: (line) => surroundings.stderr.write(`--now: ${line}\n`),
        })
      : undefined;
  const request = {
    state,
    issuer: publication.issuer,
    tokenLifetimeSeconds: settings.tokenLifetime / 1_000,
    ...(newKey && { newKid: newKey.kid }),
    ...(override && { override }),
  };
  const outcome = await takeStep(step, request, {
    collect,
    nowMs,
    record: (recorded) => store.write(recorded),
    publish: async (change) => {
      const changed =
        'drop' in change
          ? { ...publication, dropKeyIds: new Set([change.drop]) }
          : newKey
            ? { ...publication, source: withKey(publication.source, newKey) }
            : publication;
      await applyPublication(await planPublication(changed));
    },
  });
  return reportStep(step, outcome);
}
