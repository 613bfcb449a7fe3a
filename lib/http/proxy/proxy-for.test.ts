import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodroleError } from '../../errors.ts';
import { proxyFor } from './proxy-for.ts';

const STS = 'https://sts.eu-central-1.amazonaws.com/';
const PROXY = { HTTPS_PROXY: 'http://proxy.test:3128' };

const chosen: readonly (readonly [Record<string, string>, string, string | undefined])[] = [
  [{}, STS, undefined],
  [PROXY, STS, 'http://proxy.test:3128'],
  [{ HTTPS_PROXY: 'proxy.test:3128' }, STS, 'http://proxy.test:3128'],
  [{ HTTPS_PROXY: '  https://proxy.test ' }, STS, 'https://proxy.test'],
  [{ HTTPS_PROXY: 'http://[fd00::9]:3128' }, STS, 'http://[fd00::9]:3128'],
  // Small letters come first, an empty variable does not count.
  [{ HTTPS_PROXY: 'http://large.test:1', https_proxy: 'http://small.test:2' }, STS, 'http://small.test:2'],
  [{ HTTPS_PROXY: 'http://large.test:1', https_proxy: '' }, STS, 'http://large.test:1'],
  [{ HTTPS_PROXY: '' }, STS, undefined],
  // Each scheme has its own variable.
  [{ HTTP_PROXY: 'http://proxy.test:3128' }, STS, undefined],
  [PROXY, 'http://rgw.test/', undefined],
  [{ HTTP_PROXY: 'http://proxy.test:3128' }, 'http://rgw.test/', 'http://proxy.test:3128'],
];

for (const [env, target, proxy] of chosen) {
  test(`the proxy for ${target} by ${JSON.stringify(env)}`, () => {
    assert.equal(proxyFor(new URL(target), env)?.origin, proxy);
  });
}

const direct: readonly string[] = [
  'https://localhost:6443',
  'https://api.localhost',
  'https://127.0.0.1:6443',
  'https://127.9.9.9',
  'https://[::1]:6443',
  'https://[::ffff:127.0.0.1]',
  'https://169.254.169.254',
  'https://169.254.170.2',
  'https://169.254.170.23',
  'https://[fd00:ec2::254]',
  'https://[fd00:ec2::23]',
  'https://[fe80::1]',
  'https://LOCALHOST.',
  // The parser of URLs writes these as 127.0.0.1 and 169.254.169.254.
  'https://0x7f.1',
  'https://2852039166',
];

for (const target of direct) {
  test(`${target} is never asked through a proxy`, () => {
    assert.equal(proxyFor(new URL(target), PROXY), undefined);
  });
}

const excluded: readonly (readonly [noProxy: string, target: string, isDirect: boolean])[] = [
  ['*', STS, true],
  ['amazonaws.com', STS, true],
  ['.amazonaws.com', STS, true],
  ['*.amazonaws.com', STS, true],
  ['AMAZONAWS.com.', STS, true],
  ['sts.eu-central-1.amazonaws.com', STS, true],
  ['sts.eu-central-1.amazonaws.com:443', STS, true],
  ['sts.eu-central-1.amazonaws.com:8443', STS, false],
  ['amazonaws.com:443', STS, true],
  ['zonaws.com', STS, false],
  ['com.amazonaws', STS, false],
  ['sts', STS, false],
  ['.', STS, false],
  [',, ,', STS, false],
  ['other.test, amazonaws.com', STS, true],
  ['other.test amazonaws.com', STS, true],
  ['10.96.0.1', 'https://10.96.0.1', true],
  ['10.96.0.1:443', 'https://10.96.0.1', true],
  ['10.96.0.1:443', 'https://10.96.0.1:6443', false],
  ['10.96.0.0/12', 'https://10.96.0.1', true],
  ['10.96.0.0/12', 'https://10.95.0.1', false],
  ['10.96.0.0/99', 'https://10.96.0.1', false],
  ['10.96.0.0/', 'https://10.96.0.1', false],
  ['0.1', 'https://10.96.0.1', false],
  ['fd00::/8', 'https://[fd12::1]', true],
  ['[fd12::1]:443', 'https://[fd12:0::1]', true],
  ['fd12::1', 'https://[fd12::1]:6443', true],
  ['[fd12::1]:6443', 'https://[fd12::1]', false],
];

for (const [noProxy, target, isDirect] of excluded) {
  test(`NO_PROXY=${noProxy} ${isDirect ? 'excludes' : 'does not exclude'} ${target}`, () => {
    const proxy = proxyFor(new URL(target), { ...PROXY, NO_PROXY: noProxy });
    assert.equal(proxy?.origin, isDirect ? undefined : 'http://proxy.test:3128');
  });
}

const invalid: readonly string[] = [
  'socks5://user:hunter2pass@proxy.test:1080',
  'ftp://user:hunter2pass@proxy.test',
  'http://user:hunter2pass@',
  'http://user:hunter2pass@proxy.test:99999',
  'http://user:hunter2/p@ss@proxy test:3128',
  '://hunter2pass',
  'http://user:1/hunter2pass@proxy.test:3128',
  'user:1#hunter2pass@proxy.test:3128',
  'user:1?hunter2pass@proxy.test:3128',
];

for (const value of invalid) {
  test(`${value} is refused, without its password`, () => {
    assert.throws(
      () => proxyFor(new URL(STS), { HTTPS_PROXY: value }),
      (thrown: unknown) =>
        thrown instanceof PodroleError &&
        thrown.code === 'INVALID_SETTING' &&
        thrown.message.startsWith('HTTPS_PROXY: ') &&
        !thrown.message.includes('hunter2'),
    );
  });
}
