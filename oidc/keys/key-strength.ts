import type { KeyObject } from 'node:crypto';

/** RFC 7518, section 3.3: RS256 needs 2048 bits. Above 16384 bits, OpenSSL verifies nothing. */
const RSA_MODULUS_BITS = { min: 2_048, max: 16_384 } as const;
/**
 * With 1, the signature equals the message. An even exponent has no private key. Go (kube-apiserver) accepts
 * no larger one.
 */
const RSA_EXPONENT = { min: 3n, max: 2n ** 31n - 1n } as const;

/** Returns why an RSA key is unsafe; undefined for a safe key, and for keys of other types. */
export function rsaWeakness({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  if (asymmetricKeyType !== 'rsa') return undefined;
  const { modulusLength: bits = 0, publicExponent: exponent = 0n } = asymmetricKeyDetails ?? {};
  const { min, max } = RSA_MODULUS_BITS;
  if (bits < min) return `is an RSA key of ${bits} bits, and RS256 needs ${min} or more`;
  if (bits > max) return `is an RSA key of ${bits} bits, and nobody verifies with more than ${max}`;
  if (exponent < RSA_EXPONENT.min || exponent > RSA_EXPONENT.max || exponent % 2n === 0n) {
    return 'is an RSA key whose public exponent is not an odd number from 3 to 2147483647, such as 65537';
  }
  return undefined;
}
