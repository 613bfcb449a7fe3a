import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/** Session tokens of IMDSv2. */
export interface MetadataTokens {
  issue(ttlSeconds: number): string;
  /** True if the token was issued here and has not expired. */
  accepts(token: string): boolean;
}

export interface TokenSurroundings {
  /** Secret of this process, at least 32 random bytes. */
  readonly key: Buffer;
  /**
   * Milliseconds of a clock that never goes back: a step of the wall clock neither ends a token nor prolongs
   * it.
   */
  readonly monotonicMs: () => number;
  readonly randomBytes: (length: number) => Buffer;
}

const EXPIRY_BYTES = 6;
const NONCE_BYTES = 10;
const CLAIM_BYTES = EXPIRY_BYTES + NONCE_BYTES;

/**
 * 48 bytes are 64 characters of base64url without padding or spare bits, so that each character counts.
 * Node's decoder would take `+` for `-` and skip unknown characters; the pattern refuses both.
 */
const TOKEN = /^[\w-]{64}$/;

/**
 * Creates tokens that need no store: an expiry and a nonce, and the HMAC-SHA-256 of both, with a key that
 * dies with the process. Nobody else can make one, and issuing them takes no memory. After a restart each
 * client gets 401 and asks for a new one.
 */
export function metadataTokens({ key, monotonicMs, randomBytes }: TokenSurroundings): MetadataTokens {
  // One key object: creating it from the bytes at each call would cost several times as much as the hash.
  const keyObject = createSecretKey(key);
  const sign = (claim: Uint8Array) => createHmac('sha256', keyObject).update(claim).digest();
  return {
    issue(ttlSeconds) {
      const claim = Buffer.alloc(CLAIM_BYTES);
      claim.writeUIntBE(Math.floor(monotonicMs()) + ttlSeconds * 1_000, 0, EXPIRY_BYTES);
      randomBytes(NONCE_BYTES).copy(claim, EXPIRY_BYTES);
      return Buffer.concat([claim, sign(claim)]).toString('base64url');
    },
    accepts(token) {
      if (!TOKEN.test(token)) return false;
      const bytes = Buffer.from(token, 'base64url');
      const claim = bytes.subarray(0, CLAIM_BYTES);
      if (!timingSafeEqual(bytes.subarray(CLAIM_BYTES), sign(claim))) return false;
      return monotonicMs() < claim.readUIntBE(0, EXPIRY_BYTES);
    },
  };
}
