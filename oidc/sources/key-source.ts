import type { KeyObject } from 'node:crypto';

/** A public key under the id that tokens name it by. */
export interface ServedKey {
  /** `kid` of the tokens: the API server's own word where it is asked (an external signer chooses its ids), else made of the key. */
  readonly kid: string;
  readonly publicKey: KeyObject;
}

/** Where the keys that verify a cluster's tokens come from: its API server, PEM files, a JWKS. */
export interface KeySource {
  /** How messages name it: `API server`, `--key-file sa.pub`. */
  readonly name: string;
  /**
   * Every public key, each once.
   * @throws PodroleError where they can't all be had: a part is never taken for the whole
   */
  read(signal: AbortSignal): Promise<readonly ServedKey[]>;
}
