import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipOn } from './ip-command.ts';
import { neighbourFinder } from './neighbour.ts';

const LINK = { device: 'br0', mac: '02:42:0a:09:00:04', port: 1, isWitness: false, beside: [] };

test('neighbours of addresses', async () => {
  const line = 'fd09::2 dev br-a5da3355f5cb lladdr 02:42:ac:12:00:02 REACHABLE';
  const found = { device: 'br-a5da3355f5cb', mac: '02:42:ac:12:00:02' };
  const cases: [name: string, printed: string, expected: unknown][] = [
    ['one', `${line} \n`, found],
    ['none', '', undefined],
    ['without MAC', 'fd09::2 dev br-a5da3355f5cb FAILED\n', undefined],
    ['another address', `fd09::3${line.slice(7)}\n`, undefined],
    ['behind two devices', `${line}\nfd09::2 dev br-2 lladdr 02:42:ac:12:00:03 STALE\n`, undefined],
  ];
  for (const [name, printed, expected] of cases) {
    const asked: string[] = [];
    const find = neighbourFinder(
      (address) => (address === '10.9.0.4' ? LINK : undefined),
      async (args) => {
        asked.push(args.join(' '));
        return printed;
      },
    );
    assert.deepEqual(await find('fd09::2'), expected, name);
    assert.deepEqual(asked, ['-6 neigh show to fd09::2']);
    assert.equal((await find('10.9.0.4'))?.mac, LINK.mac);
    assert.equal(await find('10.9.0.5'), undefined);
  }
});

test('without ip of iproute2, the reason says what to do', async () => {
  const find = neighbourFinder(() => undefined, ipOn('/nonexistent'));
  await assert.rejects(
    find('fd09::2'),
    /ip of iproute2 is missing; install it, or let the container use IPv4/,
  );
});
