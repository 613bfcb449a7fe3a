import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecureContext, getCiphers } from 'node:tls';
import { PodroleError } from '../errors.ts';
import { opensslCiphers } from './cipher-suites.ts';

test('no suites named: those of Node', () => assert.equal(opensslCiphers([]), undefined));

test('IANA names become those of OpenSSL, and TLS 1.3 stays on', () => {
  const ciphers = opensslCiphers(['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_256_CBC_SHA']);
  assert.deepEqual(ciphers?.split(':'), [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'AES256-SHA',
  ]);
  assert.doesNotThrow(() => createSecureContext({ ciphers }));
});

test('every name that is offered is one that OpenSSL has', () => {
  const offered = faultsOf(['NO_SUCH_SUITE'])[0]?.remedy.replace('choose from ', '').split(', ') ?? [];
  assert.ok(offered.length > 10);
  for (const name of offered) {
    for (const suite of opensslCiphers([name])?.toLowerCase().split(':') ?? []) {
      assert.ok(getCiphers().includes(suite), `${name} is ${suite}`);
    }
  }
});

test('each unknown name is a fault', () => {
  assert.equal(faultsOf(['A', 'TLS_AES_128_GCM_SHA256', 'B']).length, 2);
});

function faultsOf(names: readonly string[]): PodroleError['faults'] {
  try {
    opensslCiphers(names);
  } catch (thrown) {
    if (thrown instanceof PodroleError) return thrown.faults;
  }
  return [];
}
