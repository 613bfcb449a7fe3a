import { compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose';
import { asArray, asObject } from '../../../lib/json/json.ts';
import type { SecretToken } from './secret-token.ts';

/** Keys of one kid that are tried. One is right; a hostile key set may have thousands. */
const MAX_TRIED = 10;

/**
 * Returns true if a key of the set verifies the signature of a token.
 * @param keySet parsed JSON of a JWKS, unchecked
 */
export async function verifiesWith(token: SecretToken, keySet: unknown): Promise<boolean> {
  const keys = (asArray(asObject(keySet)?.['keys']) ?? []).filter((key) => asObject(key));
  try {
    // jose checks each key before it uses it.
    await compactVerify(token.reveal(), createLocalJWKSet({ keys } as JSONWebKeySet));
    return true;
  } catch (thrown) {
    if (!(thrown instanceof errors.JWKSMultipleMatchingKeys)) return false;
    let tried = 0;
    for await (const key of thrown) {
      if (tried === MAX_TRIED) return false;
      tried += 1;
      try {
        await compactVerify(token.reveal(), key);
        return true;
      } catch {
        // The next key of the same kid may be the one.
      }
    }
    return false;
  }
}
