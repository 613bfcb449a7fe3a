import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { METADATA_TOKEN_TTL_SECONDS } from '../../lib/contract/imds.ts';
import { metadataTokens } from './token.ts';

const key = randomBytes(32);
const ttl = fc.integer(METADATA_TOKEN_TTL_SECONDS);
const start = fc.double({ min: 0, max: 1e12, noNaN: true });

function tokensAt(time: { ms: number }, tokenKey = key) {
  return metadataTokens({ key: tokenKey, monotonicMs: () => time.ms, randomBytes });
}

test('a token is good for its seconds and no longer', () => {
  fc.assert(
    fc.property(ttl, start, fc.double({ min: 0, max: 1, noNaN: true }), (ttlSeconds, startMs, part) => {
      const time = { ms: startMs };
      const tokens = tokensAt(time);
      const token = tokens.issue(ttlSeconds);
      time.ms = startMs + part * (ttlSeconds * 1_000 - 1);
      assert.ok(tokens.accepts(token));
      time.ms = startMs + ttlSeconds * 1_000;
      assert.ok(!tokens.accepts(token));
    }),
  );
});

test('a token with one changed character is refused, wherever that is', () => {
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n';
  const tokens = tokensAt({ ms: 0 });
  const token = tokens.issue(60);
  for (const index of token.split('').keys()) {
    for (const character of characters) {
      const altered = token.slice(0, index) + character + token.slice(index + 1);
      assert.equal(tokens.accepts(altered), altered === token, `${character} at ${index}`);
    }
  }
});

test('a token of another process is refused before its expiry', () => {
  const token = tokensAt({ ms: 0 }, randomBytes(32)).issue(60);
  assert.ok(!tokensAt({ ms: 0 }).accepts(token));
});

test('a string that is not a token is refused', () => {
  const tokens = tokensAt({ ms: 0 });
  const token = tokens.issue(60);
  const longer = [`${token}A`, `${token}=`, `${token}\n`, ` ${token}`, token + token];
  const shorter = ['', token.slice(1), token.slice(0, -1), token.slice(0, 21)];
  for (const wrong of [...longer, ...shorter]) assert.ok(!tokens.accepts(wrong), JSON.stringify(wrong));
  fc.assert(fc.property(fc.string({ maxLength: 100, unit: 'binary' }), (text) => !tokens.accepts(text)));
});

test('two tokens of the same instant differ', () => {
  const tokens = tokensAt({ ms: 0 });
  assert.notEqual(tokens.issue(60), tokens.issue(60));
});

test('a token can be sent in a header as it is', () => {
  assert.match(tokensAt({ ms: 1.5 }).issue(21_600), /^[\w-]{64}$/);
});
