import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jitterExpiration } from './token-expiration.ts';

test('only the default is replaced by a random value, from the whole range and not beyond', () => {
  assert.equal(
    jitterExpiration(86_400, () => 0),
    79_200,
  );
  assert.equal(
    jitterExpiration(86_400, () => 1 - Number.EPSILON / 2),
    86_400,
  );
  for (const chosen of [600, 79_200, 86_399, 86_401]) {
    assert.equal(
      jitterExpiration(chosen, () => 0),
      chosen,
    );
  }
});
