import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { MAX_FILE_BYTES, readRegularFile } from '../../lib/files/read-file.ts';
import { EncodingError, textOfFile } from '../../lib/files/text-of-file.ts';
import { PemError, pemBlocks } from '../../lib/tls/pem.ts';
import { algorithmOf, keyId, type TokenAlgorithm } from '../keys/keys.ts';

/**
 * Private key of `--signing-key`, with the key ID and the algorithm that `podrole publish` publishes for it.
 */
export interface TokenSigner {
  readonly kid: string;
  readonly algorithm: TokenAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const REMEDY = 'give a file with one unencrypted RSA or EC private key in PEM: sa.key of podrole keys create';

/**
 * Reads the private key of `--signing-key`, in a form that kube-apiserver reads too.
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_KEY`
 */
export async function readSigningKey(path: string): Promise<TokenSigner> {
  const object = `--signing-key ${path}`;
  return parseSigningKey(await readText(path, object), object);
}

/**
 * Returns the private key of a PEM file; other blocks, such as its certificate, are ignored.
 * @throws PodroleError `INVALID_KEY`
 */
function parseSigningKey(pem: string, object: string): TokenSigner {
  const invalid = (problem: string) =>
    new PodroleError({ code: 'INVALID_KEY', object, problem, remedy: REMEDY });
  const blocks = blocksOf(pem, invalid);
  const [block, ...others] = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'));
  if (!block) {
    throw invalid(blocks.length > 0 ? 'contains no private key' : 'contains no PEM block with a key');
  }
  if (others.length > 0) throw invalid(`contains ${others.length + 1} private keys`);
  if (block.isEncrypted) throw invalid('is encrypted');
  const privateKey = privateKeyOf(block.text, invalid);
  const publicKey = createPublicKey(privateKey);
  return { kid: keyId(publicKey), algorithm: algorithmOf(publicKey, object), privateKey, publicKey };
}

const OTHERS_READ = 0o004;

/** Returns a warning if every user of this machine can read the key; undefined otherwise. */
export async function warningOfMode(path: string): Promise<string | undefined> {
  const { mode } = await stat(path);
  if ((mode & OTHERS_READ) === 0) return undefined;
  return `every user of this machine can read --signing-key ${path}, and so become any subject of its issuer; chmod 600 prevents it`;
}

type Invalid = (problem: string) => PodroleError;

function blocksOf(pem: string, invalid: Invalid) {
  try {
    return pemBlocks(pem);
  } catch (thrown) {
    if (thrown instanceof PemError) throw invalid(thrown.message);
    throw thrown;
  }
}

/** The message of OpenSSL says only how the key is encoded, so it is left out. */
function privateKeyOf(pem: string, invalid: Invalid): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw invalid('is not a readable private key');
  }
}

async function readText(path: string, object: string): Promise<string> {
  try {
    return textOfFile(await readRegularFile(path, MAX_FILE_BYTES.configuration));
  } catch (thrown) {
    const remedy = thrown instanceof EncodingError ? thrown.remedy : 'name a file that this process may read';
    throw new PodroleError(
      { code: 'UNREADABLE_FILE', object, problem: messageOf(thrown), remedy },
      { cause: thrown },
    );
  }
}
