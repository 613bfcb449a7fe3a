import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCli } from '../testing/processes/cli.ts';
import { isColored, withoutColorFlag } from './color.ts';

const TERMINALS = { stdout: { isTTY: true }, stderr: { isTTY: true } };
const PIPED = { stdout: {}, stderr: { isTTY: true } };

for (const [args, env, streams, stdout, stderr] of [
  [['list'], { TERM: 'xterm' }, TERMINALS, true, true],
  [['list'], {}, PIPED, false, true],
  [['list'], { NO_COLOR: '1' }, TERMINALS, false, false],
  // [no-color.org] An empty NO_COLOR counts as not set.
  [['list'], { NO_COLOR: '' }, TERMINALS, true, true],
  [['list'], { TERM: 'dumb' }, TERMINALS, false, false],
  [['--no-color', 'list'], {}, TERMINALS, false, false],
  [['list', '--no-color'], {}, TERMINALS, false, false],
  [['bind', '--', '--no-color'], {}, TERMINALS, true, true],
] as const) {
  const terminals = Object.values(streams).filter((stream) => 'isTTY' in stream).length;
  test(`${args.join(' ')} with ${JSON.stringify(env)} on ${terminals} terminals`, () => {
    assert.deepEqual(isColored(args, env, streams), { stdout, stderr });
  });
}

test('the flag is known to every command, at each place, and is in its help', async () => {
  assert.deepEqual(withoutColorFlag(['a', '--no-color', '--', '--no-color']), ['a', '--', '--no-color']);
  for (const args of [
    ['--no-color', 'redirect', '--print'],
    ['redirect', '--no-color', '--print'],
  ])
    assert.equal((await runCli(args)).exitCode, 0);
  for (const args of [['--help'], ['keys', 'create', '--help']])
    assert.match((await runCli(args)).stdout, /^ {2}--no-color /m);
});
