import type { RegistrationView } from './decide/plan.ts';
import { type PairSecret, parsePairSecret } from './objects/pair-secret.ts';
import { parseRegistration, serviceHosts } from './objects/registration.ts';
import type { LookWorld } from './world.ts';

/** Contents of the Secret and of the MutatingWebhookConfiguration. */
export interface Findings {
  readonly secret: PairSecret;
  readonly registration: RegistrationView;
  /** Error because of which the registration is unknown. */
  readonly failure?: unknown;
}

/** Longest wait for an answer of the API server. */
const REQUEST_TIMEOUT_MS = 5_000;

export const limitsOf = ({ signal }: LookWorld) => ({ timeoutMs: REQUEST_TIMEOUT_MS, signal });

/** Reads both objects. Only a Secret that cannot be read is an error: without it nothing can be decided. */
export async function readFindings(world: LookWorld): Promise<Findings> {
  const { secrets, registrations, service } = world;
  const limits = limitsOf(world);
  const secret = parsePairSecret(await secrets.read(limits), secrets.name, serviceHosts(service));
  try {
    const object = await registrations.read(limits);
    return { secret, registration: object ? parseRegistration(object, service) : 'absent' };
  } catch (thrown) {
    return { secret, registration: 'unknown', failure: thrown };
  }
}
