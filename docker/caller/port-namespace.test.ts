import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import { ipOn } from './ip-command.ts';
import { namespaceFinder } from './port-namespace.ts';

const PORT = { device: 'veth0', index: 7, peerIndex: 2, isAmbiguous: true };
/** Printed by iproute2 6.1. */
const LINE =
  '7: veth0@if2: <BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue master podman0 state UP qlen 1000' +
  '\\    link/ether 22:8c:1d:e5:be:6a brd ff:ff:ff:ff:ff:ff link-netns netns-8a5c';

/** Finder with answers of `ip`, the last of which it gives again and again. */
function finderOf(...printed: (string | Error)[]) {
  const time = createVirtualTime();
  const asked: string[] = [];
  const runIp = async (args: readonly string[]) => {
    asked.push(args.join(' '));
    const [answer = ''] = printed.length > 1 ? printed.splice(0, 1) : printed;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, time, find: namespaceFinder(runIp, time.clock()) };
}

test('the name of the namespace behind a port', async () => {
  const cases: [name: string, printed: string, expected: string | undefined][] = [
    ['with a name', `${LINE} \n`, 'netns-8a5c'],
    ['without a name', LINE.replace('link-netns netns-8a5c', 'link-netnsid 1'), undefined],
    ['with an alias', `${LINE}\\    alias link-netns netns-1\n`, 'netns-8a5c'],
  ];
  for (const [name, printed, expected] of cases) {
    const { find } = finderOf(printed);
    assert.equal(await find(PORT), expected, name);
  }
  for (const other of [
    LINE.replace('7:', '9:'),
    LINE.replace('@if2', '@if3'),
    LINE.replace('veth0', 'veth1'),
    '',
  ]) {
    await assert.rejects(finderOf(other).find(PORT), /the link of the address is changing/);
  }
});

test('ip runs once per port, also if many ask, and if there is no name', async () => {
  for (const printed of [LINE, LINE.replace('link-netns netns-8a5c', 'link-netnsid 1')]) {
    const { find, asked } = finderOf(printed);
    await Promise.all(Array.from({ length: 50 }, () => find(PORT)));
    await find(PORT);
    assert.deepEqual(asked, ['-o link show dev veth0']);
    await assert.rejects(find({ ...PORT, index: 9 }), /changing/);
    assert.equal(asked.length, 2, 'a new port');
  }
});

test('a failure is tried again after a second', async () => {
  const { find, asked, time } = finderOf(new Error('ip of iproute2 failed'), LINE);
  for (let i = 0; i < 5; i += 1) {
    await assert.rejects(find(PORT), /cannot be told apart: ip of iproute2 failed/);
  }
  assert.equal(asked.length, 1);
  await time.pass(1_000);
  assert.equal(await find(PORT), 'netns-8a5c');
  await assert.rejects(
    namespaceFinder(ipOn('/nonexistent'), time.clock())(PORT),
    /cannot be told apart: ip of iproute2 is missing; install it/,
  );
});
