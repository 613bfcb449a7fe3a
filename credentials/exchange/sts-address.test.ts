import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { stsAddress } from './sts-address.ts';

const HOST = 'https://sts.eu-central-1.amazonaws.com/';
const PROXY = 'http://proxy.corp:3128';

test('the variables of the process decide the STS, its CA and its proxy', () => {
  const cases: readonly [
    Readonly<Record<string, string>>,
    readonly [string, (string | undefined)?, string?],
  ][] = [
    [{}, [HOST]],
    [{ AWS_CA_BUNDLE: '' }, [HOST]],
    [{ AWS_CA_BUNDLE: 'ca.pem' }, [HOST, 'ca.pem']],
    [{ HTTPS_PROXY: PROXY }, [HOST, undefined, `${PROXY}/`]],
    [{ HTTPS_PROXY: PROXY, NO_PROXY: 'amazonaws.com' }, [HOST]],
    [
      { HTTPS_PROXY: PROXY, AWS_ENDPOINT_URL_STS: 'https://sts.corp/' },
      ['https://sts.corp/', undefined, `${PROXY}/`],
    ],
  ];
  for (const [env, [endpoint, caFile, proxy]] of cases) {
    const address = stsAddress('eu-central-1', env);
    assert.deepEqual(
      [address.endpoint.href, address.caFile, address.proxy?.href],
      [endpoint, caFile, proxy],
      JSON.stringify(env),
    );
  }
});

test('an endpoint or a proxy that is not a URL is refused', () => {
  for (const env of [{ AWS_ENDPOINT_URL_STS: 'sts' }, { HTTPS_PROXY: 'http://' }]) {
    assert.throws(
      () => stsAddress('eu-central-1', env),
      (thrown) => thrown instanceof PodroleError && thrown.code === 'INVALID_SETTING',
      JSON.stringify(env),
    );
  }
});
