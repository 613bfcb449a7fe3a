import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../../testing/cost/step-count.ts';
import { pemBlocks } from './pem.ts';

const block = (label: string, body = 'AAAA') => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

test('blocks, their lines, and comments between them', () => {
  const text = `comment\n${block('A')}# other: comment\n\n${block('B C', 'AAAA\nBBBB')}`;
  assert.deepEqual(pemBlocks(text), [
    { label: 'A', line: 2, text: block('A'), isEncrypted: false },
    { label: 'B C', line: 7, text: block('B C', 'AAAA\nBBBB'), isEncrypted: false },
  ]);
});

test('line ends of Windows and old Macs, trailing blanks, and a missing line end are accepted', () => {
  for (const text of [
    block('A').replaceAll('\n', '\r\n'),
    block('A').replaceAll('\n', '\r'),
    block('A').trim(),
  ]) {
    assert.equal(pemBlocks(text)[0]?.text, block('A'));
  }
  assert.equal(pemBlocks(block('A').replaceAll('\n', ' \n'))[0]?.text, block('A'));
});

test('both forms of encryption are recognized', () => {
  const former = 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\nAAAA';
  assert.deepEqual(
    pemBlocks(block('RSA PRIVATE KEY', former) + block('ENCRYPTED PRIVATE KEY') + block('A')).map(
      ({ isEncrypted }) => isEncrypted,
    ),
    [true, true, false],
  );
});

const damaged: readonly (readonly [string, string, RegExp])[] = [
  ['a block that does not end', block('A').replace('-----END A-----', ''), /line 1, A, that does not end/],
  [
    'the end of another',
    block('A').replace('END A', 'END B'),
    /line 1, A, that is not ended correctly at line 3/,
  ],
  ['a block in a block', block('A', block('B')), /line 1, A, that is not ended correctly at line 2/],
  [
    'an end alone',
    block('A').replace('-----BEGIN A-----\n', ''),
    /line 2 that neither begin nor end a PEM block/,
  ],
  ['a beginning with a dash too few', block('A').slice(1), /line 1 that neither begin nor end/],
  [
    'something behind the end',
    block('A').replace('END A-----', 'END A-----BBBB'),
    /that is not ended correctly at line 3/,
  ],
  ['something before the beginning', `x${block('A')}`, /line 1 that neither begin nor end/],
  ['two blocks on a line', block('A').trim() + block('A'), /that is not ended correctly at line 3/],
];
for (const [name, text, message] of damaged) {
  test(`a damaged file is refused: ${name}`, () => assert.throws(() => pemBlocks(text), { message }));
}

test('the steps grow linearly with the file, whatever it repeats', async () => {
  for (const line of ['-----BEGIN A-----\n', 'A\n', '-----BEGIN A-----\n-----END A-----\n', '\r', '-']) {
    await assertLinear((size) => {
      const text = line.repeat(size);
      return () => {
        try {
          pemBlocks(text);
        } catch {
          // Of a damaged text only the cost matters here.
        }
      };
    });
  }
});
