import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { confirm } from './confirm.ts';
import { NEVER_ABORTED } from './never-aborted.ts';

const ANSWERS: readonly (readonly [answer: string, isYes: boolean])[] = [
  ['y\n', true],
  ['yes\n', true],
  [' YES \n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
];

for (const [answer, isYes] of ANSWERS) {
  test(`on a terminal, the answer ${JSON.stringify(answer)} is ${isYes ? 'yes' : 'no'}`, async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const stderr = new PassThrough();
    stdin.write(answer);
    assert.equal(await confirm('Start?', { stdin, stderr }, NEVER_ABORTED), isYes);
    assert.match(String(stderr.read()), /^Start\? \[y\/N\] /);
  });
}

test('the end of stdin is not a yes', async () => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  stdin.end();
  assert.equal(await confirm('Start?', { stdin, stderr: new PassThrough() }, NEVER_ABORTED), false);
});

test('without a terminal, nobody is asked', async () => {
  const stdin = new PassThrough();
  stdin.end('y\n');
  assert.equal(await confirm('Start?', { stdin, stderr: new PassThrough() }, NEVER_ABORTED), undefined);
});
