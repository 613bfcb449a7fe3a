import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { authoritiesIn } from './authorities.ts';

const { cert } = await createAuthority('one');
const other = (await createAuthority('other')).cert;

test('every certificate of a file counts, whatever stands around it', () => {
  const text = `\u00ef\u00bb\u00bf# Corporate CA\n${cert}\r\nname: other\n${other}`;
  assert.deepEqual(
    authoritiesIn(text),
    [cert, other].map((pem) => pem.trim()),
  );
});

for (const [what, text, problem] of [
  ['an empty file', '', /holds no certificate in PEM/],
  ['a key alone', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', /holds no certificate/],
  [
    'a broken certificate before a good one',
    cert.replace(/\n.{9}/, '\n?????????') + other,
    /certificate 1 in it/,
  ],
  ['a certificate that does not end', cert + other.split('-----END')[0], /certificate 2 in it/],
] as const) {
  test(`refused: ${what}`, () => assert.throws(() => authoritiesIn(text), problem));
}
