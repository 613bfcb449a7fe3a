import { describeFaultWithCode } from '../../lib/errors.ts';
import { renderForPrograms } from '../../lib/for-programs.ts';
import type { Env, Output, Progress, SignalHandling } from '../../lib/surroundings.ts';
import type { ServedKey } from '../keys/served-key.ts';
import { openPublication } from '../publication/open-publication.ts';
import { applyPublication, type PublicationRequest, planPublication } from '../publication/publish.ts';
import { throwIfStopped } from '../targets/interruptible.ts';
import { readIssuerEndpoint } from '../verify/issuer-endpoint.ts';
import { type ApiServer, findApiServers } from './evidence/api-servers.ts';
import { collectEvidence } from './evidence/collect-evidence.ts';
import { readNewKey, withKey } from './new-key.ts';
import { announceOverride } from './override/announce-override.ts';
import { renderText, reportForPrograms } from './report/render.ts';
import { type RotationReport, reportStatus, reportStep } from './report/report.ts';
import { checkRotateSettings, type RotateSettings } from './settings.ts';
import type { Override, RotationState, RotationStep } from './state/state.ts';
import { createRotationStore } from './state/store.ts';
import { takeStep } from './steps/take-step.ts';

export interface RotateSurroundings extends Output, Pick<SignalHandling, 'signal' | 'deferSignals'> {
  readonly env: Env;
  /** Left out: nobody reads it. */
  readonly progress?: Progress;
  readonly now: () => Date;
}

/**
 * Runs `podrole keys rotate STEP`.
 * @param operand the step, as given on the command line
 * @returns whether the step is done, now or before; true for status
 * @throws PodroleError with all faults of the settings, or if something cannot be read or written
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
    command === 'status'
      ? status(world)
      : takeOneStep(world, { step: command, newKey, settings, surroundings }),
  );
  const { output } = settings;
  stdout.write(output === 'text' ? renderText(report) : renderForPrograms(reportForPrograms(report), output));
  if (command === 'status') return true;
  if (output === 'text') {
    for (const fault of report.faults) stderr.write(`error: ${describeFaultWithCode(fault)}\n`);
  }
  return report.faults.length === 0;
}

/** Everything that a step reads and changes. */
interface World {
  readonly publication: PublicationRequest;
  readonly servers: readonly ApiServer[];
  readonly collect: () => ReturnType<typeof collectEvidence>;
  readonly store: ReturnType<typeof createRotationStore>;
  readonly nowMs: () => number;
}

async function withWorld(
  settings: RotateSettings,
  { env, signal, now, progress }: RotateSurroundings,
  use: (world: World) => Promise<RotationReport>,
): Promise<RotationReport> {
  const verify = readIssuerEndpoint(settings, env);
  // Loaded here, since the Kubernetes client takes longer to load than everything else together.
  const { connect } = await import('../../kubernetes/connect.ts');
  const connectTo = (address: string | undefined) =>
    connect({ ...settings, kubeApi: address ?? settings.kubeApi }, env);
  const withoutKeys = { ...settings, keyFile: [], jwks: undefined };
  const opened = await openPublication(withoutKeys, env, now, { changes: 'finish' });
  try {
    const publication = await opened.request(signal);
    const { issuer, target } = publication;
    const apiServers = await findApiServers(settings.apiServer, connectTo, signal);
    try {
      const nowMs = () => now().getTime();
      const endpoint = { ...verify, issuer };
      const { serviceAccount } = settings;
      const onAsked = (done: number) =>
        progress?.show('checking API servers', done, apiServers.servers.length);
      return await use({
        publication,
        servers: apiServers.servers,
        collect: () =>
          collectEvidence({ apiServers, target, endpoint, serviceAccount, nowMs, signal, onAsked }),
        store: createRotationStore(target, issuer),
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

interface StepOptions {
  readonly step: RotationStep;
  /** For `start`. */
  readonly newKey: ServedKey | undefined;
  readonly settings: RotateSettings;
  readonly surroundings: RotateSurroundings;
}

async function takeOneStep(world: World, options: StepOptions): Promise<RotationReport> {
  const { publication, collect, store, nowMs } = world;
  const { step, newKey, settings } = options;
  const { signal, deferSignals } = options.surroundings;
  const endChange = async (made: () => Promise<unknown>): Promise<void> => {
    await deferSignals(made);
    throwIfStopped(signal, `keys rotate ${step}`);
  };
  const state = await store.read();
  const override = await overrideOf(world, state, options);
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
    record: (recorded) => endChange(() => store.write(recorded)),
    publish: async (change) => {
      const changed =
        'drop' in change
          ? { ...publication, dropKeyIds: new Set([change.drop]) }
          : newKey
            ? { ...publication, source: withKey(publication.source, newKey) }
            : publication;
      const plan = await planPublication(changed);
      await endChange(() => applyPublication(plan));
    },
  });
  return reportStep(step, outcome);
}

/** Prints what `--now` breaks and returns the note about it; undefined without that flag. */
async function overrideOf(
  { servers: [first], nowMs }: World,
  state: RotationState | undefined,
  { step, settings, surroundings }: StepOptions,
): Promise<Override | undefined> {
  if (!settings.now || !first) return undefined;
  const { env, signal, stderr } = surroundings;
  return announceOverride({
    step,
    state,
    reason: settings.reason ?? '',
    nowMs: nowMs(),
    client: first.client,
    env,
    signal,
    say: (line) => stderr.write(`--now: ${line}\n`),
  });
}
