import type { ServedKey } from '../keys/served-key.ts';

/** Source of the keys that verify a cluster's tokens: its API server, PEM files, or a JWKS file. */
export interface KeySource {
  /** Name in messages: `API server`, `--key-file sa.pub`. */
  readonly name: string;
  /**
   * Every public key, each once.
   * @throws PodroleError if not all of them can be read; a part is never returned as the whole
   */
  read(signal: AbortSignal): Promise<readonly ServedKey[]>;
}
