import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertLinear } from '../../testing/cost/step-count.ts';
import { percentDecoded } from './percent-decoded.ts';

const everyByte = (text: string) =>
  [...text].map((character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');

test('any string is restored, however often it was encoded', () => {
  const plain = fc.string({ maxLength: 10, unit: fc.constantFrom(...'abXY09/ .') });
  fc.assert(
    fc.property(plain, fc.nat(6), fc.boolean(), (text, times, isEvery) => {
      let encoded = text;
      for (let time = 0; time < times && encoded.length < 10_000; time += 1)
        encoded = isEvery ? everyByte(encoded) : encodeURIComponent(encoded);
      assert.equal(percentDecoded(encoded), text);
    }),
  );
});

test('parts of an encoding that result from others count, and anything else stays', () => {
  for (const [text, decoded] of [
    ['%%34%31', 'A'],
    ['%2541', 'A'],
    ['%4%31', 'A'],
    ['100% of 50%', '100% of 50%'],
    ['%zz%', '%zz%'],
  ] as const)
    assert.equal(percentDecoded(text), decoded, text);
});

test('linear', async () => {
  for (const part of ['%25', '25', '%2', '%%34%31', 'a'])
    await assertLinear((size) => () => percentDecoded(`%${part.repeat(size)}`));
});
