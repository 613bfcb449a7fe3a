import type { KeyObject } from 'node:crypto';

/** A public key with the id that names it in the header of a token. */
export interface ServedKey {
  /**
   * The API server's own `kid`, if the API server is the source: an external signer chooses its ids.
   * Otherwise keyId.
   */
  readonly kid: string;
  readonly publicKey: KeyObject;
}
