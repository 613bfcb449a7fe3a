import type { Server } from 'node:https';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ServingKeyPair } from '../../lib/tls/key-pair.ts';
import type { WebhookMetrics } from '../metrics.ts';

/** Where the certificate that the webhook serves comes from. */
export interface CertificateSource {
  /** What is served now; undefined: nothing yet, and handshakes fail. */
  readonly current: () => ServingKeyPair | undefined;
  /** Serves each new pair on this server from then on; open connections go on with theirs. */
  readonly follow: (server: Pick<Server, 'setSecureContext'>) => void;
  /** Why requests should not come yet. */
  readonly notReady: () => readonly string[];
  readonly stop: () => Promise<void> | void;
}

export interface CertificateSurroundings {
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly metrics: WebhookMetrics;
  readonly clock: Clock;
  readonly random: () => number;
}
