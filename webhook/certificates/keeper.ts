import { type Clock, pause } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { IssuedPair, PairMaterial } from './issued-pair.ts';
import { certificateNotReady } from './not-ready.ts';
import { type PairSecret, pairSecretObject, parsePairSecret } from './pair-secret.ts';
import { nextStep, type RegistrationView, type Step } from './plan.ts';
import { bundlePatch, parseRegistration, serviceHosts, type WebhookService } from './registration.ts';
import { watchAuthorities } from './seen-authorities.ts';
import type { ObjectStore } from './stores.ts';
import type { CertificateTiming } from './timing.ts';

export interface KeeperOptions {
  readonly service: WebhookService;
  /** Name of the Secret, in the namespace of the Service. */
  readonly secretName: string;
  readonly secrets: ObjectStore;
  readonly registrations: ObjectStore;
  readonly mint: (hosts: readonly string[], notAfter: Date) => Promise<PairMaterial>;
  readonly timing: CertificateTiming;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  /** Called with each pair that is to be served from now on. */
  readonly serve: (pair: IssuedPair) => void;
  /** Called at each change that this replica made. */
  readonly changed: (what: ChangedObject) => void;
}

export type ChangedObject = 'secret' | 'bundle';

export interface CertificateKeeper {
  readonly notReady: () => readonly string[];
  /** Looks after the certificates until the signal; it throws nothing: what fails is tried again at the next look. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

type WriteStep = Extract<Step, { kind: 'write' }>;
type PatchStep = Extract<Step, { kind: 'patch' }>;

/** What one look has found, or made. */
interface Findings {
  readonly secret: PairSecret;
  readonly registration: RegistrationView;
  /** Why the registration is unknown. */
  readonly failure?: unknown;
}

/** An answer that takes longer is not waited for. */
const REQUEST_TIMEOUT_MS = 5_000;
/** A first installation takes three steps, and each lost race two more. */
const STEPS_MAX = 12;

export function createCertificateKeeper(options: KeeperOptions): CertificateKeeper {
  const { service, secrets, registrations, timing, clock, random, logger } = options;
  const hosts = serviceHosts(service);
  const seen = watchAuthorities();
  let served: IssuedPair | undefined;
  let lastKnown: RegistrationView = 'unknown';
  let failure: string | undefined;
  let spare: { readonly pair: PairMaterial; readonly endMs: number } | undefined;

  /** Reads both objects and does what is to be done. @returns in how many milliseconds to look again */
  async function look(signal: AbortSignal): Promise<number> {
    const limits = { timeoutMs: REQUEST_TIMEOUT_MS, signal };
    let found = await read();
    for (let steps = 0; steps < STEPS_MAX; steps += 1) {
      notice(found);
      const view = { ...found, served, now: clock.now(), monotonicMs: clock.monotonicMs(), seen };
      const step = nextStep(view, timing);
      if (step.kind === 'wait') {
        if (found.failure !== undefined) throw found.failure;
        return step.ms;
      }
      if (step.kind === 'serve') {
        served = step.pair;
        options.serve(served);
      } else if (step.kind === 'write') {
        found = (await write(step, found)) ?? (await read());
      } else {
        found = (await patch(step, found)) ?? (await read());
      }
    }
    return timing.lookMs;

    async function read(): Promise<Findings> {
      const secret = parsePairSecret(await secrets.read(limits), secrets.name, hosts);
      try {
        const object = await registrations.read(limits);
        return { secret, registration: object ? parseRegistration(object, service) : 'absent' };
      } catch (thrown) {
        return { secret, registration: 'unknown', failure: thrown };
      }
    }

    async function write(step: WriteStep, { secret, ...rest }: Findings): Promise<Findings | undefined> {
      const isNew = step.current === 'new' || step.next === 'new';
      const made = isNew ? await newPair() : undefined;
      const pick = (pair: WriteStep['next']) => (pair === 'new' ? made : pair);
      const object = pairSecretObject({ current: pick(step.current), next: pick(step.next) }, secret.object, {
        namespace: service.namespace,
        name: options.secretName,
      });
      const written = await secrets.write(object, limits);
      spare = undefined;
      if (written === 'raced') return undefined;
      options.changed('secret');
      logger.info({ secret: secrets.name, why: step.why }, eventOf(step));
      return { ...rest, secret: parsePairSecret(written, secrets.name, hosts) };
    }

    async function patch({ bundles }: PatchStep, found: Findings): Promise<Findings | undefined> {
      if (typeof found.registration !== 'object') return undefined;
      const written = await registrations.write(bundlePatch(found.registration, bundles), limits);
      if (written === 'raced') return undefined;
      options.changed('bundle');
      logger.info({ configuration: registrations.name, webhooks: [...bundles.keys()] }, 'caBundle written');
      return { ...found, registration: parseRegistration(written, service) };
    }
  }

  /** The one whose write has failed, or may have: an API server that refuses for hours has none made in vain. */
  async function newPair(): Promise<PairMaterial> {
    const endMs = clock.now().getTime() + timing.lifetimeMs;
    if (spare && Math.abs(endMs - spare.endMs) < timing.renewAheadMs) return spare.pair;
    const pair = await options.mint(hosts, new Date(endMs));
    spare = { pair, endMs };
    return pair;
  }

  function notice({ registration, secret: { current, next } }: Findings): void {
    if (registration === 'unknown') return;
    if (registration === 'absent' && lastKnown !== 'absent') {
      logger.warn({ configuration: registrations.name }, 'not there, so that no pod comes here yet');
    }
    lastKnown = registration;
    const entries = registration === 'absent' ? [] : registration.entries;
    const neededIds = [current, next, served].flatMap((pair) => (pair ? [pair.caId] : []));
    seen.look(entries, neededIds, clock.monotonicMs());
  }

  async function attempt(signal: AbortSignal): Promise<number> {
    try {
      const waitMs = await look(signal);
      if (failure !== undefined) logger.info('certificates are looked after again');
      failure = undefined;
      // A Secret that is deleted later is to be renewed, by none that may have been in it.
      spare = undefined;
      return waitMs;
    } catch (thrown) {
      const message = messageOf(thrown);
      // Each look fails alike while an API server is away.
      if (message !== failure && !signal.aborted) {
        logger.warn({ err: thrown }, 'certificates not looked after; tried again');
      }
      failure = message;
      return timing.lookMs;
    }
  }

  return {
    notReady: () =>
      certificateNotReady({
        served,
        registration: lastKnown,
        now: clock.now(),
        registrationName: registrations.name,
        serviceName: `Service ${service.namespace}/${service.name}`,
        failure,
      }),
    run: async (signal) => {
      while (!signal.aborted) {
        const waitMs = await attempt(signal);
        // Replicas that start together should not look together.
        await pause(clock, waitMs * (0.8 + 0.4 * random()), signal);
      }
    },
  };
}

function eventOf({ current, next }: WriteStep): string {
  if (current === 'new') return 'certificate made';
  if (next === 'new') return 'next certificate made';
  return next ? 'certificate put back' : 'next certificate taken into use';
}
