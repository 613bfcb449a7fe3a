import type { KeyObject } from 'node:crypto';

/** Where the keys that verify a cluster's tokens come from: its API server, PEM files, a JWKS. */
export interface KeySource {
  /** How messages name it: `API server https://…`, `--key-file sa.pub`. */
  readonly name: string;
  /**
   * Every public key, in the order of the source.
   * @throws PodroleError where they can't all be had: a part is never taken for the whole
   */
  read(signal: AbortSignal): Promise<readonly KeyObject[]>;
}
