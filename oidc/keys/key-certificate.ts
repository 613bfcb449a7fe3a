import { createHash, createPrivateKey, sign } from 'node:crypto';
import type { ServedKey } from './served-key.ts';

/*
 * Ceph radosgw reads only the `x5c` of a key, and identifies an issuer by the SHA-1 of that certificate. So
 * every run and every replica must make the same certificate: its content depends on the key alone, and the
 * signature algorithm is deterministic. Certificate libraries choose a new serial number, dates and nonce
 * each time. RFC 5280, section 4.1
 */

/** Verifiers use only the certified key. The signing key is public and proves nothing. */
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
/** No expiration date, since the certificate must not end the life of a key. RFC 5280, section 4.1.2.5 */
const VALIDITY = sequence(der(TAG.utcTime, '000101000000Z'), der(TAG.generalizedTime, '99991231235959Z'));

/** Returns the certificate of a published key for `x5c`: its DER in base64. RFC 7517, section 4.7 */
export function keyCertificate({ kid, publicKey }: ServedKey): string {
  const subjectPublicKeyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const serial = createHash('sha256').update(subjectPublicKeyInfo).digest().subarray(0, 16);
  // A leading 1 bit would make the number negative, and DER does not allow a leading zero byte.
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
