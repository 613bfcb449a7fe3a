import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ExchangeError } from './exchange-error.ts';
import { readWebIdentityToken } from './web-identity-token.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-token-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'token');

test('a token is read as STS accepts it, or the error says why not; the file may come later', async () => {
  const cases: readonly (readonly [content: string, expected: string | RegExp])[] = [
    ['header.payload.signature', 'header.payload.signature'],
    ['header.payload.signature\n', 'header.payload.signature'],
    ['\r\n header.payload.signature \r\n', 'header.payload.signature'],
    ['x'.repeat(20_000), 'x'.repeat(20_000)],
    ['', /is empty/],
    ['\n', /is empty/],
    ['abc', /holds 3 characters, STS takes 4 to 20000/],
    ['x'.repeat(20_001), /holds 20001 characters/],
    ['one\ntwo', /contains white space/],
  ];
  for (const [content, expected] of cases) {
    writeFileSync(file, content);
    if (typeof expected === 'string') assert.equal(await readWebIdentityToken(file), expected);
    else await assert.rejects(readWebIdentityToken(file), isFault('TOKEN_INVALID', expected));
  }
  await assert.rejects(
    readWebIdentityToken(join(folder, 'none')),
    isFault('TOKEN_UNREADABLE', /does not exist/),
  );
  await assert.rejects(readWebIdentityToken(folder), isFault('TOKEN_UNREADABLE', /directory/));
});

test('a token that is rotated during the read is the old one or the new one', async () => {
  const tokens = ['old'.repeat(5_000), 'new'.repeat(6_000)];
  writeFileSync(file, tokens[0] ?? '');
  for (let round = 0; round < 200; round += 1) {
    const reading = readWebIdentityToken(file);
    writeFileSync(`${file}.new`, tokens[round % 2] ?? '');
    renameSync(`${file}.new`, file);
    assert.ok(tokens.includes(await reading));
  }
});

function isFault(code: string, says: RegExp): (thrown: unknown) => boolean {
  return (thrown) =>
    thrown instanceof ExchangeError &&
    thrown.code === code &&
    thrown.retry === 'soon' &&
    says.test(thrown.message);
}
