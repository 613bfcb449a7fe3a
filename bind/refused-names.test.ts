import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startBindSite } from '../testing/bind/bind-site.ts';

const site = await startBindSite();
after(() => site.stop());

const requests: string[] = [];
site.cluster.trouble = ({ method, pathname }) => {
  requests.push(`${method} ${pathname}`);
  return undefined;
};

const BAD_NAMES = ['web ', 'web#x', 'web?x=1', '../serviceaccounts/web', 'Web_bad', '', '=web', '.', '..'];
const BAD_NAMESPACES = ['shop/serviceaccounts/web?', '=shop', '..', 'a.b', 'Shop', '!!'];

const COMMAND_LINES: readonly (readonly string[])[] = [
  ...BAD_NAMES.flatMap((name) => [
    ['unbind', '-n', 'shop', name, '--approve'],
    ['bind', '-n', 'shop', name, '--approve'],
  ]),
  ...BAD_NAMESPACES.flatMap((namespace) => [
    ['unbind', '-n', namespace, 'web', '--approve'],
    ['bind', '-n', namespace, 'web', '--approve'],
    ['list', '-n', namespace],
  ]),
  ...['bind', 'unbind'].flatMap((command) => [
    [command, '-n', 'shop', 'web', '--role-name', 'a/b'],
    [command, '-n', 'shop', 'web', '--role-name', 'a b'],
    [command, '-n', 'shop', 'web', '--cluster-name', 'a/b'],
    [command, '-n', 'shop', 'web', '--partition', 'aws/../x'],
  ]),
  ['bind', '-n', 'shop', 'web', '--role-path', '../'],
  ['bind', '-n', 'shop', 'web', '--attach-role-arn', 'arn:aws:iam::111122223333:role/a b'],
  ['bind', '-n', 'shop', 'web', '--well-known', '../x'],
  ...['ensure', 'show', 'delete'].map((command) => ['provider', command, '--partition', 'aws/../x']),
];

for (const args of COMMAND_LINES) {
  test(`refused before any call: ${args.join(' ')}`, async () => {
    const { exitCode, stderr } = await site.podrole(...args);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /^error: /m);
    assert.deepEqual(requests, []);
    assert.deepEqual(site.iam.calls, []);
  });
}
