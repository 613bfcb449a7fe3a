import type { Server } from 'node:https';
import type { ServingKeyPair } from '../../lib/tls/key-pair.ts';

/** Source of the certificate that the webhook serves. */
export interface CertificateSource {
  /** Pair that is served now; undefined: none yet, and handshakes fail. */
  readonly current: () => ServingKeyPair | undefined;
  /** Serves each new pair on this server from then on. Open connections keep theirs. */
  readonly follow: (server: Pick<Server, 'setSecureContext'>) => void;
  /** Returns why requests should not come yet. */
  readonly notReady: () => readonly string[];
  readonly stop: () => Promise<void> | void;
}
