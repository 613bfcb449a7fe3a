import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAllowedHost, isContainerHost } from './allowed-host.ts';

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
      '[::1]/.evil.com',
      '[::1]/.evil.com:80',
      '[::1]?.evil.com',
      '[::1]#.evil.com',
      '[::1]\\.evil.com',
      '[::1]:80/.evil.com',
      'x@[::1]',
      '[::1]\t',
      '[::1%25lo]',
      '127.0.0.1 ',
      '127.0.0.1\n',
    ],
  ];
  for (const host of refused) assert.ok(!isAllowedHost(host), host);
});

test('container credentials are for loopback and the addresses that SDKs use for them', () => {
  const own = [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '169.254.170.2',
    '169.254.170.23',
    '[fd00:ec2::23]',
    '[FD00:EC2:0::23]',
  ];
  for (const host of own) {
    for (const port of ['', ':80', ':9911'])
      assert.ok(isContainerHost(host + port) && isAllowedHost(host + port), host);
  }
  for (const host of [
    '169.254.169.254',
    '169.254.169.254:80',
    '[fd00:ec2::254]',
    'evil.com',
    '',
    undefined,
  ]) {
    assert.ok(!isContainerHost(host), host);
  }
});

test('an allowed host with anything around it is refused', () => {
  const names = [
    ...['localhost', '127.0.0.1', '[::1]'],
    ...['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]', '169.254.169.254', '[fd00:ec2::254]'],
  ];
  const around = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.constantFrom(...names), around, fc.constantFrom('', ':80'), (name, text, port) => {
      const hosts = [`${name}${text}${port}`, `${text}${name}${port}`, `${text}.${name}`, `${name}.${text}`];
      for (const host of hosts) {
        // By chance a port, or a 3 behind 169.254.170.2.
        if (names.includes(host.replace(/:\d{0,5}$/, ''))) continue;
        assert.ok(!isAllowedHost(host) && !isContainerHost(host), JSON.stringify(host));
      }
    }),
    { numRuns: 20_000 },
  );
});
