import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/surroundings.ts';
import type { CertificateTiming } from './decide/timing.ts';
import type { IssuedPair, PairMaterial } from './objects/issued-pair.ts';
import type { ObjectStore } from './objects/stores.ts';
import type { WebhookService } from './objects/webhook-configuration.ts';

/** Everything around a replica that its certificate keeper reads or changes. */
export interface CertificateSurroundings {
  readonly service: WebhookService;
  /** Name of the Secret, in the namespace of the Service. */
  readonly secretName: string;
  readonly secrets: ObjectStore;
  readonly configurations: ObjectStore;
  readonly mint: (hosts: readonly string[], notAfter: Date) => Promise<PairMaterial>;
  readonly timing: CertificateTiming;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Called with each pair that is to be served from now on. */
  readonly serve: (pair: IssuedPair) => void;
  /** Called for each change that this replica made. */
  readonly changed: (what: ChangedObject) => void;
}

/** The same, during one look. */
export interface LookSurroundings extends CertificateSurroundings {
  /** Ends the look. */
  readonly signal: AbortSignal;
}

export type ChangedObject = 'secret' | 'bundle';
