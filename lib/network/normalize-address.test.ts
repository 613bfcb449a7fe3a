import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalizeAddress } from './normalize-address.ts';

test('each address has one form', () => {
  const cases: [text: string, expected: string | undefined][] = [
    ['10.0.0.7', '10.0.0.7'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['::FFFF:0a00:7', '10.0.0.7'],
    ['0:0:0:0:0:ffff:255.255.255.255', '255.255.255.255'],
    ['::ffff:0:0', '0.0.0.0'],
    ['fd00:0:0:0:0:0:0:17', 'fd00::17'],
    ['FD00::0017', 'fd00::17'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:10.0.0.7%cni0', '10.0.0.7'],
    ['::1', '::1'],
    ['::', '::'],
    ['64:ff9b::10.0.0.7', '64:ff9b::a00:7'],
    ['', undefined],
    ['010.0.0.7', undefined],
    ['10.0.0', undefined],
    ['10.0.0.7:80', undefined],
    ['[::1]', undefined],
    ['fd00::17/64', undefined],
    ['localhost', undefined],
    [`fe80::1%${'x'.repeat(100)}`, undefined],
  ];
  for (const [text, expected] of cases) assert.equal(normalizeAddress(text), expected, text);
});

test('the form of a form is itself, and all spellings have the same', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const form = normalizeAddress(text);
      assert.ok(form);
      assert.equal(normalizeAddress(form), form);
      assert.equal(normalizeAddress(text.toUpperCase()), form);
    }),
  );
});
