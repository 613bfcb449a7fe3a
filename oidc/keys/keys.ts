import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { TOKEN_ALGORITHMS } from '../../lib/contract/iam.ts';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { type PemBlock, PemError, pemBlocks } from '../../lib/tls/pem.ts';
import { rsaWeakness } from './key-strength.ts';

export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** `openssl ecparam -genkey` writes this block before the key. The key names its curve itself. */
const CURVE_BLOCK = 'EC PARAMETERS';

/**
 * Returns the public keys of a PEM file, which may have the same forms as for kube-apiserver: PKIX, PKCS#1,
 * PKCS#8, SEC1 or a certificate, RSA or EC. Only the public part of a private key is used.
 * @param object name of the file in errors
 * @throws PodroleError `INVALID_KEY` for each block that is not such a key, and for a damaged or empty file:
 * a skipped key would be missing from the key set
 */
export function publicKeysFromPem(pem: string, object: string): readonly KeyObject[] {
  const blocks = blocksOf(pem, object).filter(({ label }) => label !== CURVE_BLOCK);
  if (blocks.length === 0) {
    if (OPENSSH_LINE.test(pem)) throw invalidKey(object, 'is a key in the format of OpenSSH', FROM_OPENSSH);
    throw invalidKey(object, 'contains no PEM block with a key');
  }
  return blocks.map((block) => readKey(block, `${object} line ${block.line}`));
}

/**
 * Returns the key id that kube-apiserver writes into the header of a token: unpadded base64url of the SHA-256
 * of the DER SubjectPublicKeyInfo. [k8s] pkg/serviceaccount, keyIDFromPublicKey
 */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

/**
 * Returns the algorithm that kube-apiserver signs with, which follows from the type of its key. [k8s]
 * pkg/serviceaccount, signerFromECDSAPrivateKey
 * @throws PodroleError `INVALID_KEY` for a key of another type or curve, or a weak one
 */
export function algorithmOf(publicKey: KeyObject, object = 'key'): TokenAlgorithm {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  const weakness = rsaWeakness(publicKey);
  if (weakness !== undefined) {
    throw invalidKey(
      object,
      weakness,
      'make a new key with podrole keys create, and switch to it with podrole keys rotate',
    );
  }
  if (type === 'rsa') return 'RS256';
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256';
  if (type === 'ec' && details?.namedCurve === 'secp384r1') return 'ES384';
  if (type === 'ec' && details?.namedCurve === 'secp521r1') return 'ES512';
  throw invalidKey(
    object,
    `is of type ${details?.namedCurve ?? type}, which cannot sign service account tokens`,
  );
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
      `is an encrypted ${label.replace(/^ENCRYPTED /, '')}`,
      'give its public key; openssl pkey -in FILE -pubout prints it',
    );
  }
  const key = parseKey(text, label, object);
  algorithmOf(key, object);
  return key;
}

function parseKey(text: string, label: string, object: string): KeyObject {
  try {
    return createPublicKey(text);
  } catch (thrown) {
    if (label === 'OPENSSH PRIVATE KEY')
      throw invalidKey(object, 'is a key in the format of OpenSSH', FROM_OPENSSH);
    throw invalidKey(object, `contains ${label}, which is not a readable key: ${messageOf(thrown)}`);
  }
}

const FROM_OPENSSH = 'give its public key in PEM; ssh-keygen -e -m PKCS8 -f FILE prints it';
const OPENSSH_LINE = /^(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ /m;

function invalidKey(
  object: string,
  problem: string,
  remedy = 'give an unencrypted RSA or P-256, P-384 or P-521 key in PEM',
): PodroleError {
  return new PodroleError({ code: 'INVALID_KEY', object, problem, remedy });
}
