import type { WebhookConfigurationView } from './decide/plan.ts';
import { type PairSecret, parsePairSecret } from './objects/pair-secret.ts';
import { parseWebhookConfiguration, serviceHosts } from './objects/webhook-configuration.ts';
import type { LookSurroundings } from './surroundings.ts';

/** Contents of the Secret and of the MutatingWebhookConfiguration. */
export interface CertificateFacts {
  readonly secret: PairSecret;
  readonly configuration: WebhookConfigurationView;
  /** Error because of which the webhook configuration is unknown. */
  readonly failure?: unknown;
}

/** Longest wait for an answer of the API server. */
const REQUEST_TIMEOUT_MS = 5_000;

export const limitsOf = ({ signal }: LookSurroundings) => ({ timeoutMs: REQUEST_TIMEOUT_MS, signal });

/** Reads both objects. Only a Secret that cannot be read is an error: without it nothing can be decided. */
export async function readFacts(surroundings: LookSurroundings): Promise<CertificateFacts> {
  const { secrets, configurations, service } = surroundings;
  const limits = limitsOf(surroundings);
  const secret = parsePairSecret(await secrets.read(limits), secrets.name, serviceHosts(service));
  try {
    const object = await configurations.read(limits);
    return { secret, configuration: object ? parseWebhookConfiguration(object, service) : 'absent' };
  } catch (thrown) {
    return { secret, configuration: 'unknown', failure: thrown };
  }
}
