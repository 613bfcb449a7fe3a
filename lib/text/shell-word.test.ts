import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { shellWord } from './shell-word.ts';

const WORDS: readonly (readonly [text: string, word: string])[] = [
  ['web', 'web'],
  ['arn:aws:iam::111122223333:role/shop/web', 'arn:aws:iam::111122223333:role/shop/web'],
  ['eks.amazonaws.com/role-arn=x', 'eks.amazonaws.com/role-arn=x'],
  ['', "''"],
  ['a b', "'a b'"],
  ['$(touch x)', "'$(touch x)'"],
  ["it's", "'it'\\''s'"],
  ['a\nb', "'a\nb'"],
  ['web\n', "'web\n'"],
  ['~/x', "'~/x'"],
  ['!!', "'!!'"],
];
for (const [text, word] of WORDS) {
  test(`${JSON.stringify(text)} is one word`, () => {
    assert.equal(shellWord(text), word);
  });
}

test('a shell reads back whatever was written', () => {
  const texts = fc.sample(fc.string({ unit: fc.constantFrom(...'abc$`\'"\\ \n\t;|&*?~#!(){}[]<>=-é') }), 200);
  const script = `printf '%s\\0' ${texts.map(shellWord).join(' ')}`;
  const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  assert.deepEqual(stdout.split('\0').slice(0, -1), texts);
});
