import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCli } from '../../testing/processes/cli.ts';

/** Settings that become part of a path of the API server, in commands that would run for a long time. */
const COMMAND_LINES: readonly (readonly string[])[] = [
  ['webhook', '--namespace', '..'],
  ['webhook', '--namespace', 'eks/secrets'],
  ['webhook', '--tls-secret', '../x'],
  ['webhook', '--webhook-configuration', 'a..b'],
  ['webhook', '--service-name', 'Web'],
  ['inject', '-f', 'x.yaml', '-n', 'a.b'],
  ['keys', 'rotate', 'status', '--issuer', 'https://a.test', '--to', 'x', '--service-account', 'default/..'],
  ['keys', 'rotate', 'status', '--issuer', 'https://a.test', '--to', 'x', '--service-account', 'a..b/web'],
  ['publish', '--watch', '--issuer', 'https://a.test', '--to', 'x', '--lease-namespace', '..'],
  ['publish', '--watch', '--issuer', 'https://a.test', '--to', 'x', '--lease-name', 'a%2fb'],
];
for (const args of COMMAND_LINES) {
  test(`refused before any request: ${args.join(' ')}`, async () => {
    const { exitCode, stderr } = await runCli(args);
    assert.equal(exitCode, 2, stderr);
    assert.match(
      stderr,
      new RegExp(`^error: ${args.at(-2)?.replace(/^-n$/, '--namespace')}: is ".*", must be `),
    );
  });
}
