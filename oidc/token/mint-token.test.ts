import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { jwksDocument } from '../keys/jwks.ts';
import { mintToken } from './mint-token.ts';
import { readSigningKey } from './signing-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-mint-'));
after(() => rmSync(folder, { recursive: true }));

const NOW = new Date('2026-01-31T12:00:00.900Z');
const NOW_SECONDS = Date.UTC(2026, 0, 31, 12) / 1_000;
const CLAIMS = {
  issuer: 'https://oidc.example.com/hosts',
  subject: 'system:serviceaccount:hosts:vm-1',
  audience: 'sts.amazonaws.com',
  lifetimeMs: 600_000,
};

const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
};
for (const [algorithm, { privateKey, publicKey }] of Object.entries(pairs)) {
  test(`a token of ${algorithm} verifies with the published key set, and has the claims of a ServiceAccount token`, async () => {
    const path = join(folder, algorithm);
    writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const { token, kid, expiresAt } = await mintToken(await readSigningKey(path), CLAIMS, NOW, 'id-1');
    const keys = createLocalJWKSet({ keys: [...jwksDocument([publicKey]).keys] });
    const { issuer, audience, subject } = CLAIMS;
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer,
      audience,
      subject,
      currentDate: NOW,
    });
    assert.deepEqual(protectedHeader, { alg: algorithm, kid });
    assert.deepEqual(payload, {
      iss: issuer,
      sub: subject,
      aud: [audience],
      iat: NOW_SECONDS,
      nbf: NOW_SECONDS,
      exp: NOW_SECONDS + 600,
      jti: 'id-1',
    });
    assert.equal(expiresAt.toISOString(), '2026-01-31T12:10:00.000Z');
  });
}
