import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { FaultCode } from '../errors/code.ts';
import { messageOf, PodroleError } from '../errors.ts';

/** Serving certificate with its chain, and its key, in PEM. They belong together. */
export interface ServingKeyPair {
  readonly cert: string;
  readonly key: string;
  readonly notAfter: Date;
  /** For the log. */
  readonly serialNumber: string;
}

/** One of the two files of a pair. */
export interface PairFile {
  /** Name for messages: `--tls-cert /path` */
  readonly origin: string;
  /** Content; undefined if the file cannot be read. */
  readonly text: string | undefined;
}

const REMEDY = 'put a certificate and its key there, PEM';

/**
 * Parses the pair in two files. Does not check the expiry: an expired certificate is still the one to serve.
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_CERTIFICATE`, `INVALID_KEY`, `KEY_MISMATCH`
 */
export function parseKeyPair(certFile: PairFile, keyFile: PairFile): ServingKeyPair {
  const cert = textOf(certFile);
  const key = textOf(keyFile);
  const certificate = parse('INVALID_CERTIFICATE', certFile.origin, () => new X509Certificate(cert));
  const privateKey = parse('INVALID_KEY', keyFile.origin, () => createPrivateKey(unencrypted(key)));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new PodroleError({
      code: 'KEY_MISMATCH',
      object: keyFile.origin,
      problem: `is not the key of the certificate in ${certFile.origin}`,
      remedy: REMEDY,
    });
  }
  // The first certificate is fine; this reads the rest of the chain.
  parse('INVALID_CERTIFICATE', certFile.origin, () => createSecureContext({ cert, key }));
  const { validTo, serialNumber } = certificate;
  return { cert, key, notAfter: new Date(validTo), serialNumber };
}

function textOf({ origin, text }: PairFile): string {
  if (text !== undefined) return text;
  throw new PodroleError({
    code: 'UNREADABLE_FILE',
    object: origin,
    problem: 'does not exist, or is not a regular file that this process may read',
    remedy: REMEDY,
  });
}

/**
 * Refuses an encrypted key. OpenSSL would ask for the passphrase, and report only that it was interrupted.
 */
function unencrypted(key: string): string {
  if (!/^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(key)) return key;
  throw new Error('it is encrypted; write it without a passphrase: openssl pkey -in FILE -out FILE');
}

/** Reports errors without their cause: OpenSSL's error says no more than its message. */
function parse<T>(code: FaultCode, object: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw new PodroleError({
      code,
      object,
      problem: `cannot be read as PEM (${messageOf(thrown)})`,
      remedy: REMEDY,
    });
  }
}
