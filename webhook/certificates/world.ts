import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { CertificateTiming } from './decide/timing.ts';
import type { IssuedPair, PairMaterial } from './objects/issued-pair.ts';
import type { WebhookService } from './objects/registration.ts';
import type { ObjectStore } from './objects/stores.ts';

/** Everything around a replica that its certificate keeper reads or changes. */
export interface CertificateWorld {
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
  /** Called for each change that this replica made. */
  readonly changed: (what: ChangedObject) => void;
}

/** The same, during one look. */
export interface LookWorld extends CertificateWorld {
  /** Ends the look. */
  readonly signal: AbortSignal;
}

export type ChangedObject = 'secret' | 'bundle';
