import { generateKeyPair, type KeyObject, randomUUID } from 'node:crypto';
import { link, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf, type Fault, messageOf, PodroleError } from '../../lib/errors.ts';
import { makeFolder } from '../../lib/files/make-folder.ts';
import { writeNewFile } from '../../lib/files/write-new-file.ts';
import { keyId } from './keys.ts';

export const KEY_TYPES = ['rsa-2048', 'rsa-4096', 'ec-p256'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** kubeadm's names. Only the API server and the controller manager need `sa.key`. */
const FILES = { privateKey: 'sa.key', publicKey: 'sa.pub' } as const;

export interface SigningKey {
  readonly kid: string;
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
}

/**
 * Makes a key pair for kube-apiserver to sign service account tokens with: `sa.key`, which only its owner can
 * read, and `sa.pub`, both in PEM.
 * @param folder created if it does not exist
 * @throws PodroleError `FILE_EXISTS`, `NOT_WRITTEN`; an existing file is never replaced
 */
export async function createSigningKey(type: KeyType, folder: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generate(type);
  const privateKeyFile = join(folder, FILES.privateKey);
  const publicKeyFile = join(folder, FILES.publicKey);
  // PKCS#1 and SEC1 are what kubeadm writes, and what every kube-apiserver reads.
  const pem = privateKey.export({ type: type === 'ec-p256' ? 'sec1' : 'pkcs1', format: 'pem' }).toString();
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await attempt(folder, () => makeFolder(folder, 0o700));
  await placeNew(privateKeyFile, pem, 0o600);
  try {
    await placeNew(publicKeyFile, publicPem, 0o644);
  } catch (thrown) {
    // Alone, this private key would be taken for the other half of the public key that already exists.
    await rm(privateKeyFile, { force: true });
    throw thrown;
  }
  return { kid: keyId(publicKey), privateKeyFile, publicKeyFile };
}

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

function generate(type: KeyType): Promise<Pair> {
  if (type === 'ec-p256') return promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  return promisify(generateKeyPair)('rsa', { modulusLength: type === 'rsa-4096' ? 4_096 : 2_048 });
}

/**
 * Writes a draft and links it to its name: a link fails if the name is taken, and the file is complete by
 * then.
 */
async function placeNew(path: string, content: string, mode: number): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await attempt(path, async () => {
    try {
      await writeNewFile(draft, content, mode);
      await link(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
  });
}

async function attempt(path: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (thrown) {
    const fault: Fault =
      codeOf(thrown) === 'EEXIST'
        ? {
            code: 'FILE_EXISTS',
            object: path,
            problem: 'exists already, and podrole never overwrites a key: tokens may depend on it',
            remedy: 'name another folder with --out',
          }
        : {
            code: 'NOT_WRITTEN',
            object: path,
            problem: messageOf(thrown),
            remedy:
              codeOf(thrown) === 'ENOTDIR' ? 'name a folder with --out' : 'let this process write there',
          };
    throw new PodroleError(fault, { cause: thrown });
  }
}
