import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAllowedHost } from './allowed-host.ts';

test('the metadata addresses and loopback are allowed, with a port and without', () => {
  const allowed = [
    '169.254.169.254',
    '169.254.170.2',
    '[fd00:ec2::254]',
    '127.0.0.1',
    'localhost',
    'LocalHost',
    '[::1]',
  ];
  for (const host of [...allowed, '[0:0:0:0:0:0:0:1]', '[FD00:0EC2::0254]']) {
    for (const port of ['', ':80', ':9911', ':']) assert.ok(isAllowedHost(host + port), host + port);
  }
  assert.ok(isAllowedHost(undefined), 'HTTP/1.0');
});

test('every other name is refused, whatever it resolves to', () => {
  const refused = [
    ...[
      'attacker.test',
      'attacker.test:9911',
      'localhost.attacker.test',
      '127.0.0.1.nip.io',
      'xlocalhost',
      'localhost.',
    ],
    ...[
      '10.0.0.1',
      '0.0.0.0',
      '127.0.0.2',
      '2130706433',
      '0x7f.1',
      '[::]',
      '[::2]',
      '[::ffff:127.0.0.1]',
      '::1',
      '[::1',
      '',
    ],
    ...[
      '127.0.0.1:999111',
      '127.0.0.1:80:80',
      '127.0.0.1, attacker.test',
      'user@127.0.0.1',
      '127.0.0.1/x',
      '[::1]x',
      '[::1]@x',
    ],
  ];
  for (const host of refused) assert.ok(!isAllowedHost(host), host);
});
