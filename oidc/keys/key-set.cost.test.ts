import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { assertLinear } from '../../testing/cost/step-count.ts';
import { nextKeySet } from '../publication/next-key-set.ts';
import { jwksDocument } from './jwks.ts';
import { parseKeySet, parseKeySetText, servedKeys } from './key-set.ts';
import { publicKeysFromPem } from './keys.ts';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = publicKey.export({ format: 'jwk' });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const keys = (size: number, member: (at: number) => object) =>
  Array.from({ length: size }, (_, at) => ({ ...jwk, kid: `k${at}`, ...member(at) }));

/** Answers that a publisher, or another cluster's API server, may give. */
const KEYS: Readonly<Record<string, (at: number) => object>> = {
  'sound keys': () => ({}),
  'one kid': () => ({ kid: 'one' }),
  'no kid': () => ({ kid: undefined }),
  'weak and malformed keys': (at) => (at % 2 ? { x: 'AA=' } : { kty: 'RSA', n: 'AQAB', e: 'AQ' }),
  secrets: () => ({ d: 'AA' }),
};
for (const [name, member] of Object.entries(KEYS)) {
  test(`the steps of a key set grow with its keys: ${name}`, async () => {
    await assertLinear(
      (size) => {
        const text = JSON.stringify({ keys: keys(size, member) });
        return () => {
          const entries = parseKeySetText(text, 'set');
          try {
            servedKeys(entries, 'set');
          } catch {
            // Only its cost matters here.
          }
        };
      },
      { size: 60 },
    );
  });
}

test('the steps for the next key set grow with the published one', async () => {
  await assertLinear(
    (size) => {
      const published = parseKeySet({ keys: keys(size, () => ({ kty: 'x' })) }, 'set');
      const facts = {
        served: servedKeys(parseKeySet({ keys: [jwk] }, 'set'), 'set'),
        unservedSince: new Map<string, Date>(),
        prune: false,
        dropKeyIds: new Set<string>(),
        stillServed: new Set<string>(),
        tokenLifetimeSeconds: 60,
        now: new Date(0),
        certificateOf: undefined,
      };
      return () => assert.equal(nextKeySet({ ...facts, published }).keys.length, size + 1);
    },
    { size: 60 },
  );
});

test('the steps of a PEM file grow with its keys', async () => {
  await assertLinear(
    (size) => {
      const text = pem.repeat(size);
      return () => jwksDocument(publicKeysFromPem(text, 'sa.pub'));
    },
    { size: 60 },
  );
});
