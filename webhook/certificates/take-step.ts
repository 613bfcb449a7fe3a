import { nextStep, type Step } from './decide/plan.ts';
import { type Findings, limitsOf } from './findings.ts';
import type { KeeperState, SparePair } from './keeper-state.ts';
import type { PairMaterial } from './objects/issued-pair.ts';
import { pairSecretObject, parsePairSecret } from './objects/pair-secret.ts';
import { bundlePatch, parseRegistration, serviceHosts } from './objects/registration.ts';
import type { CertificateWorld, LookWorld } from './world.ts';

/** Knowledge of a replica, and the objects as it just found them. */
export interface Look {
  readonly state: KeeperState;
  readonly found: Findings;
}

export interface StepTaken {
  readonly state: KeeperState;
  /** Undefined if another replica was faster: the objects must be read again. */
  readonly found: Findings | undefined;
  /** Set if there was nothing to do: the time until the next look. */
  readonly waitMs?: number;
}

type WriteStep = Extract<Step, { kind: 'write' }>;
type PatchStep = Extract<Step, { kind: 'patch' }>;

/**
 * Decides on one step and takes it.
 * @throws whatever the API server refused; also if there is nothing to do because the registration is unknown
 */
export async function takeStep(look: Look, world: LookWorld): Promise<StepTaken> {
  const { state, found } = look;
  const { clock, timing } = world;
  const view = { ...state, ...found, now: clock.now(), monotonicMs: clock.monotonicMs() };
  const step = nextStep(view, timing);
  switch (step.kind) {
    case 'wait':
      if (found.failure !== undefined) throw found.failure;
      return { state, found, waitMs: step.ms };
    case 'serve':
      world.serve(step.pair);
      return { state: { ...state, served: step.pair }, found };
    case 'patch':
      return { state, found: await patchRegistration(step, found, world) };
    case 'write': {
      const isMissing = needsNewPair(step) && !isUsable(state.spare, world);
      // Making a pair is a step of its own: the pair is not lost if the write fails.
      if (isMissing) return { state: { ...state, spare: await makePair(world) }, found };
      const written = await writeSecret(step, look, world);
      return { state: { ...state, spare: undefined }, found: written };
    }
  }
}

function needsNewPair({ current, next }: WriteStep): boolean {
  return current === 'new' || next === 'new';
}

function endMsOf({ clock, timing }: CertificateWorld): number {
  return clock.now().getTime() + timing.lifetimeMs;
}

function isUsable(spare: SparePair | undefined, world: CertificateWorld): boolean {
  return spare !== undefined && Math.abs(endMsOf(world) - spare.endMs) < world.timing.renewAheadMs;
}

async function makePair(world: CertificateWorld): Promise<SparePair> {
  const endMs = endMsOf(world);
  return { pair: await world.mint(serviceHosts(world.service), new Date(endMs)), endMs };
}

async function writeSecret(
  step: WriteStep,
  { state, found: { secret, ...rest } }: Look,
  world: LookWorld,
): Promise<Findings | undefined> {
  const { service, secretName, secrets, logger, changed } = world;
  const pick = (pair: WriteStep['next']): PairMaterial | undefined =>
    pair === 'new' ? state.spare?.pair : pair;
  const object = pairSecretObject({ current: pick(step.current), next: pick(step.next) }, secret.object, {
    namespace: service.namespace,
    name: secretName,
  });
  const written = await secrets.write(object, limitsOf(world));
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

async function patchRegistration(
  { bundles }: PatchStep,
  found: Findings,
  world: LookWorld,
): Promise<Findings | undefined> {
  const { service, registrations, logger, changed } = world;
  if (typeof found.registration !== 'object') return undefined;
  const written = await registrations.write(bundlePatch(found.registration, bundles), limitsOf(world));
  if (written === 'raced') return undefined;
  changed('bundle');
  logger.info({ configuration: registrations.name, webhooks: [...bundles.keys()] }, 'caBundle written');
  return { ...found, registration: parseRegistration(written, service) };
}
