import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { TOKEN_ALGORITHMS } from '../lib/contract.ts';
import { messageOf, PodroleError } from '../lib/errors.ts';

export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;
/** `openssl ecparam -genkey` writes the curve as a block of its own before the key, which names it too. */
const NO_KEY = new Set(['EC PARAMETERS']);

/**
 * The public keys of a PEM file: PKIX, PKCS#1, PKCS#8 or SEC1, RSA or EC. Of a private key only its public part is taken.
 * @param object how an error names the file
 * @throws PodroleError `INVALID_KEY` for every block that is no such key, and for a text without any
 */
export function publicKeysFromPem(pem: string, object: string): readonly KeyObject[] {
  const blocks = [...pem.matchAll(PEM_BLOCK)].filter(([, label = '']) => !NO_KEY.has(label));
  if (blocks.length === 0) throw invalidKey(object, 'holds no PEM block with a key');
  return blocks.map(([block]) => {
    const key = readKey(block, object);
    algorithmOf(key);
    return key;
  });
}

/**
 * The key id that kube-apiserver writes into a token's header: unpadded base64url of the SHA-256 of the DER
 * SubjectPublicKeyInfo. [k8s] pkg/serviceaccount, keyIDFromPublicKey
 */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

/**
 * The algorithm that kube-apiserver signs with, by the type of its key. [k8s] pkg/serviceaccount, signerFromECDSAPrivateKey
 * @throws PodroleError `INVALID_KEY` for a key of another type or curve
 */
export function algorithmOf(publicKey: KeyObject): TokenAlgorithm {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === 'rsa') return 'RS256';
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256';
  if (type === 'ec' && details?.namedCurve === 'secp384r1') return 'ES384';
  if (type === 'ec' && details?.namedCurve === 'secp521r1') return 'ES512';
  throw invalidKey('key', `is of type ${details?.namedCurve ?? type}, which signs no service account token`);
}

function readKey(block: string, object: string): KeyObject {
  try {
    return createPublicKey(block);
  } catch (thrown) {
    throw invalidKey(object, `has a PEM block that is no readable key: ${messageOf(thrown)}`);
  }
}

function invalidKey(object: string, problem: string): PodroleError {
  return new PodroleError({
    code: 'INVALID_KEY',
    object,
    problem,
    remedy: 'give an unencrypted RSA or P-256, P-384 or P-521 key in PEM',
  });
}
