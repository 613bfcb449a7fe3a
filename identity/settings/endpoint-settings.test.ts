import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { parseCaBundle, parseEndpointUrl } from './endpoint-settings.ts';
import { identitySettings } from './identity-settings.ts';

test('URLs of endpoints are used as they are written', () => {
  for (const url of [
    'https://sts.example.com',
    'https://sts.example.com/',
    'HTTPS://STS.example.com:8443/path/to/sts',
    'http://10.0.0.1:8000',
    'http://[2001:db8::1]:8000',
    'http://radosgw.ceph.svc.cluster.local',
    'https://s3.example.com/a%20b',
  ]) {
    assert.equal(parseEndpointUrl(url), url);
  }
});

test('what SDKs would not accept, or would send elsewhere, is refused', () => {
  for (const text of [
    'sts.example.com',
    'sts.example.com:443',
    '//sts.example.com',
    'https:sts.example.com',
    'https://',
    'https:///path',
    'ftp://sts.example.com',
    'https://user@sts.example.com',
    'https://user:password@sts.example.com',
    'https://sts.example.com?x=1',
    'https://sts.example.com#x',
    'https://sts.example.com:99999',
    'https://$(HOST).example.com',
    'https://sts.example.com\\x',
    'https://sts.exam ple.com',
    ' https://sts.example.com',
    'https://sts.example.com\n',
    'https://sts.ex\u00e4mple.com',
    `https://${'a'.repeat(600)}`,
    'https://[::1',
  ]) {
    assert.equal(parseEndpointUrl(text), undefined, text);
  }
});

test('a ConfigMap with CA certificates is a name, or a name and a key', () => {
  for (const [text, configMap, key] of [
    ['kube-root-ca.crt', 'kube-root-ca.crt', 'ca.crt'],
    ['corporate-ca/bundle.pem', 'corporate-ca', 'bundle.pem'],
    ['a/root_CA-1.pem', 'a', 'root_CA-1.pem'],
  ] as const) {
    assert.deepEqual(parseCaBundle(text), { configMap, key });
  }
  for (const text of [
    '/ca.crt',
    'a/',
    'A',
    'a_b',
    'a/b/c',
    'a/..',
    'a/.',
    'a/..data',
    'a b',
    'a/b c',
    'a/ca$.crt',
  ]) {
    assert.equal(parseCaBundle(text), undefined, text);
  }
});

test('a malformed setting is an error that names the flag, and repeats no password', () => {
  for (const [name, flag] of [
    ['stsEndpointUrl', '--sts-endpoint-url'],
    ['s3EndpointUrl', '--s3-endpoint-url'],
    ['sidecarHttpsProxy', '--sidecar-https-proxy'],
  ] as const) {
    for (const url of ['https://user:s3cr3t@example.com?x', 'socks5://user:s3cr3t@example.com']) {
      assert.throws(
        () => readSettings(identitySettings, { [name]: url }, {}),
        (thrown) => {
          assert.ok(thrown instanceof PodroleError);
          assert.ok(thrown.message.includes(`${flag}: must be`), thrown.message);
          assert.ok(!thrown.message.includes('s3cr3t'), thrown.message);
          return true;
        },
      );
    }
  }
  for (const [name, value] of [
    ['caBundleConfigMap', 'a/b/c'],
    ['sidecarNoProxy', '.svc;$(HOST)'],
  ] as const) {
    assert.throws(() => readSettings(identitySettings, { [name]: value }, {}), /: is ".*", must be /);
  }
});

test('a proxy may have a password, and an empty variable is none', () => {
  const { sidecarHttpsProxy, sidecarNoProxy, stsEndpointUrl } = readSettings(
    identitySettings,
    {
      sidecarHttpsProxy: 'http://user:p%40ss@proxy.example.com:3128/',
      sidecarNoProxy: '.svc, 10.0.0.0/8,[::1]',
    },
    { PODROLE_STS_ENDPOINT_URL: '' },
  );
  assert.equal(sidecarHttpsProxy, 'http://user:p%40ss@proxy.example.com:3128/');
  assert.equal(sidecarNoProxy, '.svc, 10.0.0.0/8,[::1]');
  assert.equal(stsEndpointUrl, '');
});
