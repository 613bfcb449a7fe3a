import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCli } from '../../testing/processes/cli.ts';

const calls: readonly (readonly [args: string, exitCode: number, said: RegExp])[] = [
  ['--to site', 2, /missing required argument 'step'/],
  ['start', 2, /--to: is not set/],
  ['start --to site', 2, /--key-file: is not set; .*podrole keys create/],
  ['forward --to site', 2, /step: is forward; give one of start, trust, switch, finish, abort, status/],
  ['switch --to site --now', 2, /--reason: has fewer than 10 characters/],
  ['trust --to site --now --reason a-good-reason', 2, /--now: is for switch, finish, abort/],
  ['status --to site --reason a-good-reason', 2, /--reason: is for --now/],
  ['start --to site --key-file no-such-file', 3, /--key-file no-such-file: does not exist; /],
  ['status --to site', 3, /kubeconfig: is missing: neither --kubeconfig nor KUBECONFIG is set/],
];
for (const [args, exitCode, said] of calls) {
  test(`podrole keys rotate ${args}`, async () => {
    const result = await runCli(['keys', 'rotate', ...args.split(' ')]);
    assert.match(result.stderr, said);
    assert.deepEqual([result.exitCode, result.stdout], [exitCode, '']);
  });
}

test('errors are JSON if the output is', async () => {
  const { stderr } = await runCli(['keys', 'rotate', 'start', '--to', 'site', '-o', 'json']);
  assert.equal(JSON.parse(stderr).errors[0].object, '--key-file');
});
