import { createHash, createPrivateKey, sign } from 'node:crypto';
import type { ServedKey } from './served-key.ts';

/*
 * Ceph radosgw reads a key's `x5c` and nothing else of it, and knows an issuer by the SHA-1 of that certificate. So it must be the same
 * one in every run and on every replica: what is signed here is made of the key alone, by an algorithm whose signatures are
 * deterministic. Libraries that make certificates choose serial number, dates and nonce anew each time. RFC 5280, section 4.1
 */

/** Whoever verifies looks at the certified key alone: this signer is known to everybody and vouches for nothing. */
const SIGNER = createPrivateKey({
  // PKCS#8 of an Ed25519 key, RFC 8410, section 7: its seed comes last.
  key: Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    createHash('sha256').update('podrole x5c').digest(),
  ]),
  format: 'der',
  type: 'pkcs8',
});

const TAG = {
  integer: 0x02,
  bitString: 0x03,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
};
const OID_ED25519 = Buffer.from('06032b6570', 'hex');
const OID_COMMON_NAME = Buffer.from('0603550403', 'hex');
/** No expiration: a certificate is no reason for a key to end. RFC 5280, section 4.1.2.5 */
const VALIDITY = sequence(der(TAG.utcTime, '000101000000Z'), der(TAG.generalizedTime, '99991231235959Z'));

/** A certificate over a published key, as base64 of its DER: what stands in `x5c`. RFC 7517, section 4.7 */
export function keyCertificate({ kid, publicKey }: ServedKey): string {
  const subjectPublicKeyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const serial = createHash('sha256').update(subjectPublicKeyInfo).digest().subarray(0, 16);
  // The first bit set would make it negative, the first byte zero would be one too many.
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  const algorithm = sequence(OID_ED25519);
  const unsigned = sequence(
    der(TAG.integer, serial),
    algorithm,
    name('podrole'),
    VALIDITY,
    name(kid.slice(0, 64)),
    subjectPublicKeyInfo,
  );
  const signature = Buffer.concat([Buffer.of(0), sign(null, unsigned, SIGNER)]);
  return sequence(unsigned, algorithm, der(TAG.bitString, signature)).toString('base64');
}

function name(commonName: string): Buffer {
  return sequence(der(TAG.set, sequence(OID_COMMON_NAME, der(TAG.utf8, commonName))));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(TAG.sequence, Buffer.concat(parts));
}

/** Tag, length, content. X.690, section 8.1 */
function der(tag: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  const length = bytes.length;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...head), bytes]);
}
