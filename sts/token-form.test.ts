import assert from 'node:assert/strict';
import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { exportJWK } from 'jose';
import { assertLinear } from '../testing/cost/step-count.ts';
import { cacheIssuerKeys } from './issuer-keys.ts';
import { verifyWebIdentity } from './web-identity.ts';

const URL = 'https://issuer.test';
const NOW = 2_000_000_000;
const HEADER = { alg: 'RS256', kid: 'a' };
const CLAIMS = { iss: URL, sub: 'system:serviceaccount:shop:web', aud: 'x', iat: NOW, exp: NOW + 60 };
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const published = [{ ...(await exportJWK(publicKey)), kty: 'RSA', kid: 'a' }];

function verify(token: string, keys: readonly { readonly kty: string }[] = published) {
  const findKey = cacheIssuerKeys(async () => ({ keys: [...keys] }), { now: () => 0 });
  return verifyWebIdentity(token, new Map([[URL, { url: URL, clientIDs: ['x'], findKey }]]), NOW);
}

const part = (text: string) => Buffer.from(text).toString('base64url');

/** Signs the parts as they are, so that only their form can be wrong. */
function signed(header: string, claims: string, key: KeyObject = privateKey): string {
  return `${header}.${claims}.${sign('sha256', Buffer.from(`${header}.${claims}`), key).toString('base64url')}`;
}

/** Sets spare bits in the last character; a lenient decoder gets the same bytes. */
function otherSpelling(text: string): string {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const changed = text.slice(0, -1) + ALPHABET[ALPHABET.indexOf(text.at(-1) ?? '') + 1];
  assert.deepEqual(Buffer.from(changed, 'base64url'), Buffer.from(text, 'base64url'), 'it has no spare bits');
  return changed;
}

const header = part(JSON.stringify(HEADER));
const claims = part(JSON.stringify(CLAIMS));
/** One or two more spaces leave spare bits. */
const spare = (value: object) => {
  const text = JSON.stringify(value);
  return part(text.length % 3 === 0 ? `${text} ` : text);
};
const withHeader = (members: object) => signed(part(JSON.stringify({ ...HEADER, ...members })), claims);

test('the token is accepted in its canonical form', async () => {
  assert.equal((await verify(signed(header, claims))).subject, CLAIMS.sub);
});

const SIGNATURE = 'Token signature invalid';
const FORM = 'The ID Token provided is not a valid JWT';
const refused: readonly (readonly [string, string, string])[] = [
  ['another last character of the signature', otherSpelling(signed(header, claims)), SIGNATURE],
  ['another last character of the header', signed(otherSpelling(spare(HEADER)), claims), FORM],
  ['another last character of the claims', signed(header, otherSpelling(spare(CLAIMS))), FORM],
  ['padding of the signature', `${signed(header, claims)}==`, FORM],
  ['padding of the claims', signed(header, `${claims}=`), FORM],
  ['base64 in place of base64url', signed(header, part('{"a":"???>"}').replace(/[-_]/g, '/')), FORM],
  ['white space', signed(header, `${claims} `), FORM],
  ['a critical member that is not known', withHeader({ crit: ['exp'], exp: 1 }), FORM],
  ['a critical member that jose knows', withHeader({ crit: ['b64'], b64: true }), FORM],
  ['unencoded claims', withHeader({ crit: ['b64'], b64: false }), FORM],
  ['b64 that is not critical', withHeader({ b64: false }), FORM],
];
for (const [name, token, message] of refused) {
  test(`refused, although the signature is right: ${name}`, async () => {
    await assert.rejects(verify(token), { code: 'InvalidIdentityToken', message });
  });
}

test('the last of two members of the same name counts, both for the checks and for their use', async () => {
  const twice = JSON.stringify(CLAIMS).replace(
    '"sub"',
    '"sub":"system:serviceaccount:kube-system:admin","sub"',
  );
  assert.equal((await verify(signed(header, part(twice)))).subject, CLAIMS.sub);
  const issuers = JSON.stringify(CLAIMS).replace('"sub"', '"iss":"https://other","sub"');
  await assert.rejects(verify(signed(header, part(issuers))), {
    message: /^No OpenIDConnect provider found in your account for https:\/\/other$/,
  });
});

const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
/**
 * Public exponent 1: anyone who knows the modulus can sign, since the signature is the padded digest itself.
 */
const exponentOne = { ...published[0], kty: 'RSA', e: 'AQ' };
const shortened = { ...(await exportJWK(weak.publicKey)), kty: 'RSA', kid: 'a' };

test('a token signed with a key of 1024 bits is refused', async () => {
  await assert.rejects(verify(signed(header, claims, weak.privateKey), [shortened]), {
    code: 'InvalidIdentityToken',
    detail: /key id a: is an RSA key of 1024 bits, and RS256 needs 2048 or more/,
  });
});

test('a token that anybody can sign, with a key whose exponent is 1, is refused', async () => {
  const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  const digest = createHash('sha256').update(`${header}.${claims}`).digest();
  const filling = Buffer.alloc(256 - 3 - digestInfo.length - digest.length, 0xff);
  const padded = Buffer.concat([Buffer.from([0, 1]), filling, Buffer.from([0]), digestInfo, digest]);
  const token = `${header}.${claims}.${padded.toString('base64url')}`;
  await assert.rejects(verify(token, [exponentOne]), { code: 'InvalidIdentityToken' });
});

test('two keys with one kid: the token is refused rather than tried with each', async () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  const keys = [...published, { ...(await exportJWK(other)), kty: 'RSA', kid: 'a' }];
  await assert.rejects(verify(signed(header, claims), keys), { code: 'InvalidIdentityToken' });
});

test('a secret with the kid of the key cannot sign', async () => {
  const secret = { kty: 'oct', kid: 'a', k: part('known to all') };
  const hmacHeader = part(JSON.stringify({ alg: 'HS256', kid: 'a' }));
  const mac = createHmac('sha256', 'known to all').update(`${hmacHeader}.${claims}`).digest('base64url');
  await assert.rejects(verify(`${hmacHeader}.${claims}.${mac}`, [secret, ...published]), { message: FORM });
});

test('the steps of a refusal grow with the length of the token', async () => {
  await assertLinear(
    (size) => {
      const long = signed(header, part(JSON.stringify({ ...CLAIMS, aud: Array(size).fill('y') })));
      return () => verify(long).catch(() => undefined);
    },
    { size: 200 },
  );
});
