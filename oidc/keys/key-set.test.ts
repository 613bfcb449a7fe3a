import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { makeKeys } from '../../testing/oidc/publication.ts';
import { parseKeySet, parseKeySetText, privateMembersOf, servedKeys } from './key-set.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [other] = makeKeys(1);
const jwk = publicKey.export({ format: 'jwk' });
const otherJwk = other?.publicKey.export({ format: 'jwk' });

test("the kid of the set is kept, since an external signer chooses its own; without a kid, kube-apiserver's is used", () => {
  const [named, unnamed] = servedKeys(
    parseKeySet({ keys: [{ ...jwk, kid: 'mine' }, otherJwk] }, 'set'),
    'set',
  );
  assert.equal(named?.kid, 'mine');
  assert.equal(unnamed?.kid, other?.kid);
});

test('only the public part of a private key is read', () => {
  const [entry] = parseKeySet({ keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'a' }] }, 'set');
  assert.equal(entry?.publicKey?.type, 'public');
  assert.deepEqual(entry && privateMembersOf(entry), ['d']);
});

test('a repeated key is listed once', () => {
  const key = { ...jwk, kid: 'a' };
  assert.equal(servedKeys(parseKeySet({ keys: [key, key] }, 'set'), 'set').length, 1);
});

const noSets: readonly unknown[] = [
  undefined,
  null,
  [],
  {},
  { keys: {} },
  { keys: [1] },
  { keys: [{ kid: 'a' }] },
];
for (const json of noSets) {
  test(`${JSON.stringify(json)} is not a key set`, () => {
    assert.throws(() => parseKeySet(json, 'set'), { code: 'INVALID_KEY_SET' });
  });
}

test('a string that is not JSON is not a key set', () => {
  assert.throws(() => parseKeySetText('<html>', 'set'), { code: 'INVALID_KEY_SET', message: /is not JSON/ });
});

const rsaJwkOf = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' });
const rsaJwk = rsaJwkOf(2048);
const weakJwk = rsaJwkOf(1024);

test('a refusal names the place of the key and what is wrong with it', () => {
  assert.throws(() => servedKeys(parseKeySet({ keys: [jwk, weakJwk] }, 'set'), 'set'), {
    message: /^set keys\[1\]: is an RSA key of 1024 bits, and RS256 needs 2048 or more; give/,
  });
});

test('members that state the purpose of a key must fit', () => {
  const members = { kid: 'a', use: 'sig', key_ops: ['verify'] };
  const keys = [
    { ...jwk, ...members, alg: 'ES256' },
    { ...rsaJwk, ...members, kid: 'b', alg: 'RS256' },
  ];
  assert.equal(servedKeys(parseKeySet({ keys }, 'set'), 'set').length, 2);
});

const noSources: readonly (readonly [string, readonly object[], string])[] = [
  ['no key', [], 'NO_KEYS'],
  ['a key of another type', [{ kty: 'OKP', crv: 'Ed25519', x: 'AA', kid: 'a' }], 'INVALID_KEY'],
  ['a secret', [{ kty: 'oct', k: 'AA', kid: 'a' }], 'INVALID_KEY'],
  ['a private key', [{ ...privateKey.export({ format: 'jwk' }), kid: 'a' }], 'INVALID_KEY'],
  ['a key for encryption', [{ ...jwk, kid: 'a', use: 'enc' }], 'INVALID_KEY'],
  ['a key that must not verify', [{ ...jwk, kid: 'a', key_ops: ['sign'] }], 'INVALID_KEY'],
  ['a key of another algorithm', [{ ...jwk, kid: 'a', alg: 'ES384' }], 'INVALID_KEY'],
  ['an RSA key of another algorithm', [{ ...rsaJwk, kid: 'a', alg: 'RSA-OAEP' }], 'INVALID_KEY'],
  ['a coordinate with padding', [{ ...jwk, kid: 'a', x: `${jwk.x}=` }], 'INVALID_KEY'],
  ['a modulus in base64', [{ ...rsaJwk, kid: 'a', n: `+${rsaJwk.n?.slice(1)}` }], 'INVALID_KEY'],
  ['an exponent of 1', [{ ...rsaJwk, kid: 'a', e: 'AQ' }], 'INVALID_KEY'],
  ['a weak key', [jwk, { ...weakJwk, kid: 'b' }], 'INVALID_KEY'],
  [
    'two keys of one id',
    [
      { ...jwk, kid: 'a' },
      { ...otherJwk, kid: 'a' },
    ],
    'INVALID_KEY',
  ],
];
for (const [name, keys, code] of noSources) {
  test(`nothing to publish: ${name}`, () => {
    assert.throws(() => servedKeys(parseKeySet({ keys }, 'set'), 'set'), { code });
  });
}
