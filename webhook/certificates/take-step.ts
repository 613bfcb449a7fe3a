import { nextStep, type Step } from './decide/plan.ts';
import { type CertificateFacts, limitsOf } from './facts.ts';
import type { KeeperState, SparePair } from './keeper-state.ts';
import type { PairMaterial } from './objects/issued-pair.ts';
import { pairSecretObject, parsePairSecret } from './objects/pair-secret.ts';
import { bundlePatch, parseWebhookConfiguration, serviceHosts } from './objects/webhook-configuration.ts';
import type { CertificateSurroundings, LookSurroundings } from './surroundings.ts';

/** Knowledge of a replica, and the objects as it just found them. */
export interface Look {
  readonly state: KeeperState;
  readonly found: CertificateFacts;
}

export interface StepTaken {
  readonly state: KeeperState;
  /** Undefined if another replica was faster: the objects must be read again. */
  readonly found: CertificateFacts | undefined;
  /** Set if there was nothing to do: the time until the next look. */
  readonly waitMs?: number;
}

type WriteStep = Extract<Step, { kind: 'write' }>;
type PatchStep = Extract<Step, { kind: 'patch' }>;

/**
 * Decides on one step and takes it.
 * @throws whatever the API server refused; also if there is nothing to do because the webhook configuration
 *   is unknown
 */
export async function takeStep(look: Look, surroundings: LookSurroundings): Promise<StepTaken> {
  const { state, found } = look;
  const { clock, timing } = surroundings;
  const view = { ...state, ...found, now: clock.now(), monotonicMs: clock.monotonicMs() };
  const step = nextStep(view, timing);
  switch (step.kind) {
    case 'wait':
      if (found.failure !== undefined) throw found.failure;
      return { state, found, waitMs: step.ms };
    case 'serve':
      surroundings.serve(step.pair);
      return { state: { ...state, served: step.pair }, found };
    case 'patch':
      return { state, found: await patchConfiguration(step, found, surroundings) };
    case 'write': {
      const isMissing = needsNewPair(step) && !isUsable(state.spare, surroundings);
      // Making a pair is a step of its own: the pair is not lost if the write fails.
      if (isMissing) return { state: { ...state, spare: await makePair(surroundings) }, found };
      const written = await writeSecret(step, look, surroundings);
      return { state: { ...state, spare: undefined }, found: written };
    }
  }
}

function needsNewPair({ current, next }: WriteStep): boolean {
  return current === 'new' || next === 'new';
}

function endMsOf({ clock, timing }: CertificateSurroundings): number {
  return clock.now().getTime() + timing.lifetimeMs;
}

function isUsable(spare: SparePair | undefined, surroundings: CertificateSurroundings): boolean {
  return (
    spare !== undefined && Math.abs(endMsOf(surroundings) - spare.endMs) < surroundings.timing.renewAheadMs
  );
}

async function makePair(surroundings: CertificateSurroundings): Promise<SparePair> {
  const endMs = endMsOf(surroundings);
  return { pair: await surroundings.mint(serviceHosts(surroundings.service), new Date(endMs)), endMs };
}

async function writeSecret(
  step: WriteStep,
  { state, found: { secret, ...rest } }: Look,
  surroundings: LookSurroundings,
): Promise<CertificateFacts | undefined> {
  const { service, secretName, secrets, logger, changed } = surroundings;
  const pick = (pair: WriteStep['next']): PairMaterial | undefined =>
    pair === 'new' ? state.spare?.pair : pair;
  const object = pairSecretObject({ current: pick(step.current), next: pick(step.next) }, secret.object, {
    namespace: service.namespace,
    name: secretName,
  });
  const written = await secrets.write(object, limitsOf(surroundings));
  if (written === 'raced') return undefined;
  changed('secret');
  logger.info({ secret: secrets.name, why: step.why }, eventOf(step));
  return { ...rest, secret: parsePairSecret(written, secrets.name, serviceHosts(service)) };
}

function eventOf({ current, next }: WriteStep): string {
  if (current === 'new') return 'certificate made';
  if (next === 'new') return 'next certificate made';
  return next ? 'certificate restored' : 'next certificate is now current';
}

async function patchConfiguration(
  { bundles }: PatchStep,
  found: CertificateFacts,
  surroundings: LookSurroundings,
): Promise<CertificateFacts | undefined> {
  const { service, configurations, logger, changed } = surroundings;
  if (typeof found.configuration !== 'object') return undefined;
  const written = await configurations.write(
    bundlePatch(found.configuration, bundles),
    limitsOf(surroundings),
  );
  if (written === 'raced') return undefined;
  changed('bundle');
  logger.info({ configuration: configurations.name, webhooks: [...bundles.keys()] }, 'caBundle written');
  return { ...found, configuration: parseWebhookConfiguration(written, service) };
}
