import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { TOKEN_ALGORITHMS } from '../../lib/contract/iam.ts';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { type PemBlock, PemError, pemBlocks } from '../../lib/tls/pem.ts';
import { rsaWeakness } from './key-strength.ts';

export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** `openssl ecparam -genkey` writes the curve as a block of its own before the key, which names it too. */
const CURVE_BLOCK = 'EC PARAMETERS';

/**
 * The public keys of a PEM file: PKIX, PKCS#1, PKCS#8 or SEC1, RSA or EC, or a certificate, as kube-apiserver takes them. Of a
 * private key only its public part is taken.
 * @param object how an error names the file
 * @throws PodroleError `INVALID_KEY` for every block that is not such a key, and for a text that is damaged or has none: a key that
 * was left out in silence would be missing from the key set
 */
export function publicKeysFromPem(pem: string, object: string): readonly KeyObject[] {
  const blocks = blocksOf(pem, object).filter(({ label }) => label !== CURVE_BLOCK);
  if (blocks.length === 0) throw invalidKey(object, 'holds no PEM block with a key');
  return blocks.map((block) => readKey(block, `${object} line ${block.line}`));
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
 * @throws PodroleError `INVALID_KEY` for a key of another type or curve, or a weak one
 */
export function algorithmOf(publicKey: KeyObject, object = 'key'): TokenAlgorithm {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  const weakness = rsaWeakness(publicKey);
  if (weakness !== undefined) {
    throw invalidKey(
      object,
      weakness,
      'make a new key with podrole keys create, and change to it with podrole keys rotate',
    );
  }
  if (type === 'rsa') return 'RS256';
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256';
  if (type === 'ec' && details?.namedCurve === 'secp384r1') return 'ES384';
  if (type === 'ec' && details?.namedCurve === 'secp521r1') return 'ES512';
  throw invalidKey(object, `is of type ${details?.namedCurve ?? type}, which signs no service account token`);
}

function blocksOf(pem: string, object: string): readonly PemBlock[] {
  try {
    return pemBlocks(pem);
  } catch (thrown) {
    if (thrown instanceof PemError) throw invalidKey(object, thrown.message);
    throw thrown;
  }
}

function readKey({ text, label, isEncrypted }: PemBlock, object: string): KeyObject {
  if (isEncrypted) {
    throw invalidKey(
      object,
      `is an encrypted ${label}`,
      'give its public key: openssl pkey -in FILE -pubout writes it',
    );
  }
  const key = parseKey(text, object);
  algorithmOf(key, object);
  return key;
}

function parseKey(text: string, object: string): KeyObject {
  try {
    return createPublicKey(text);
  } catch (thrown) {
    throw invalidKey(object, `is not a readable key: ${messageOf(thrown)}`);
  }
}

function invalidKey(
  object: string,
  problem: string,
  remedy = 'give an unencrypted RSA or P-256, P-384 or P-521 key in PEM',
): PodroleError {
  return new PodroleError({ code: 'INVALID_KEY', object, problem, remedy });
}
