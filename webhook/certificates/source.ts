import type { Server } from 'node:https';
import type { ServingKeyPair } from '../../lib/tls/key-pair.ts';

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
