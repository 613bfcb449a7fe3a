import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WORKLOADS } from '../../testing/agent/workload-of-agent.ts';
import { workload } from '../../testing/sidecar/workload.ts';

/** The line "IMDSv2" of the rules for an emulator, and rules 4 and 7. */
const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';
const TOKEN = 'x-aws-ec2-metadata-token';

for (const [server, workload] of Object.entries(WORKLOADS)) {
  describe(server, () => endpointTests(workload));
}

function endpointTests(workload: (typeof WORKLOADS)['sidecar']): void {
  for (const seconds of ['1', '60', '300', '21600', '021600']) {
    test(`rule 4: the answer to a token PUT carries its TTL: ${seconds}`, async () => {
      const { status, headers, body } = await workload().ask('PUT', '/latest/api/token', { [TTL]: seconds });
      assert.equal(status, 200);
      assert.equal(headers['X-aws-ec2-metadata-token-ttl-seconds'], String(Number(seconds)));
      assert.match(body, /^[\w-]+$/, 'the token alone, without a newline');
    });
  }

  for (const seconds of [
    '',
    '0',
    '-1',
    '21601',
    '1e3',
    '60.0',
    '0x10',
    ' 60',
    '60, 60',
    'x',
    '9'.repeat(400),
  ]) {
    test(`a TTL of ${JSON.stringify(seconds.slice(0, 9))} is 400`, async () => {
      assert.equal((await workload().ask('PUT', '/latest/api/token', { [TTL]: seconds })).status, 400);
    });
  }

  test('no TTL is 400', async () => {
    assert.equal((await workload().ask('PUT', '/latest/api/token')).status, 400);
  });

  for (const forwarded of ['10.0.0.1', '', '127.0.0.1, 10.0.0.1']) {
    test(`a token PUT with X-Forwarded-For ${JSON.stringify(forwarded)} is 403`, async () => {
      const headers = { [TTL]: '60', 'x-forwarded-for': forwarded };
      assert.equal((await workload().ask('PUT', '/latest/api/token', headers)).status, 403);
    });
  }

  for (const name of ['x-forwarded-host', 'forwarded', 'via', 'x-real-ip', 'cf-connecting-ip', 'client-ip']) {
    test(`a token PUT with ${name}, as other proxies add it, is 403`, async () => {
      const headers = { [TTL]: '60', [name]: '10.0.0.1' };
      assert.equal((await workload().ask('PUT', '/latest/api/token', headers)).status, 403);
    });
  }

  test('a token PUT may have the form content type that some clients send', async () => {
    const headers = {
      [TTL]: '60',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '0',
    };
    assert.equal((await workload().ask('PUT', '/latest/api/token', headers)).status, 200);
  });

  const PATHS = [
    '/latest/meta-data/instance-id',
    '/',
    '/latest/meta-data/iam/security-credentials/web',
    '/no',
  ];

  for (const path of PATHS) {
    const served = path === '/no' ? 404 : 200;

    test(`rule 7: ${path} without a token is 401 if v2 is required`, async () => {
      assert.equal((await workload({ imdsv2: 'required' }).ask('GET', path)).status, 401);
      assert.equal((await workload({ imdsv2: 'required' }).ask('HEAD', path)).status, 401);
      assert.equal((await workload().ask('GET', path)).status, served);
    });

    for (const imdsv2 of ['required', 'optional'] as const) {
      test(`${path} with a token, v2 ${imdsv2}`, async () => {
        const asked = workload({ imdsv2 });
        const get = async (token: string) => (await asked.ask('GET', path, { [TOKEN]: token })).status;
        const token = await asked.token(60);
        assert.equal(await get(token), served, 'good');
        assert.equal(await get('unknown'), 401, 'unknown');
        assert.equal(await get(''), 401, 'empty');
        assert.equal(await get(`${token}, ${token}`), 401, 'twice');
        asked.advance(59_999);
        assert.equal(await get(token), served, 'to the last millisecond');
        asked.advance(1);
        assert.equal(await get(token), 401, 'expired');
      });
    }
  }

  test('another method on the token path is 405', async () => {
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'put']) {
      const { status, headers } = await workload().ask(method, '/latest/api/token', { [TTL]: '60' });
      assert.deepEqual([status, headers['Allow']], [405, 'PUT'], method);
    }
  });
}

test('container credentials need no token: a secret path protects them', async () => {
  const secretPath = `/v1/credentials/${'s'.repeat(22)}`;
  const asked = workload({ imdsv2: 'required', access: { secretPath, isOpen: false } });
  assert.equal((await asked.ask('GET', secretPath)).status, 200);
  assert.equal((await asked.ask('GET', '/v1/credentials')).status, 403);
});
