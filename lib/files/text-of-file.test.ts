import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOfFile } from './text-of-file.ts';

const utf16 = Buffer.from('{"a":"ä"}', 'utf16le');

test('UTF-8 with a byte order mark and without', () => {
  assert.equal(textOfFile(Buffer.from('ä')), 'ä');
  assert.equal(textOfFile(Buffer.from('\uFEFFä')), 'ä');
  assert.equal(textOfFile(Buffer.from('\uFEFFä'), 'keep'), '\uFEFFä');
  assert.equal(textOfFile(Buffer.from('a\uFEFF')), 'a\uFEFF');
  assert.equal(textOfFile(Buffer.alloc(0)), '');
});

const refused: readonly (readonly [string, Buffer, RegExp])[] = [
  ['UTF-16 with its mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), /^is UTF-16, not UTF-8$/],
  ['UTF-16, the other end first', Buffer.from([0xfe, 0xff, 0, 0x61]), /^is UTF-16/],
  ['UTF-16 without a mark', utf16, /contains a NUL/],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), /^is UTF-32/],
  ['Latin-1', Buffer.from('ä', 'latin1'), /^is not UTF-8$/],
  ['a character cut in two', Buffer.from('ä').subarray(0, 1), /^is not UTF-8$/],
  ['an overlong form', Buffer.from([0xc0, 0xaf]), /^is not UTF-8$/],
];
for (const [name, bytes, message] of refused) {
  test(`refused: ${name}`, () => assert.throws(() => textOfFile(bytes), { name: 'EncodingError', message }));
}
