import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { workload, workloadSession } from '../../testing/workload.ts';

const PATH = '/v1/credentials';

test('the document', async () => {
  const { status, headers, body } = await workload().ask('GET', PATH);
  assert.equal(status, 200);
  assert.equal(headers['Content-Type'], 'application/json');
  assert.deepEqual(JSON.parse(body), {
    AccessKeyId: workloadSession.accessKeyId,
    SecretAccessKey: workloadSession.secretAccessKey,
    Token: workloadSession.sessionToken,
    Expiration: '2026-11-24T13:00:00Z',
    RoleArn: 'arn:aws:iam::123456789012:role/team/shop/web',
    AccountId: '123456789012',
  });
});

test('with a slash more, with a query, by HEAD: the same', async () => {
  const expected = await workload().ask('GET', PATH);
  for (const variant of [`${PATH}/`, `/${PATH}`, `${PATH}?role=other`]) {
    assert.deepEqual(await workload().ask('GET', variant), expected, variant);
  }
  assert.deepEqual(await workload().ask('HEAD', PATH), expected);
});

test('another method is 405 in JSON', async () => {
  for (const method of ['PUT', 'POST', 'DELETE', 'OPTIONS', 'get']) {
    const { status, headers, body } = await workload().ask(method, PATH);
    assert.deepEqual([status, headers['Allow']], [405, 'GET, HEAD'], method);
    assert.equal(JSON.parse(body).code, 'METHOD_NOT_ALLOWED');
  }
});

test('nothing beside the one path', async () => {
  for (const path of [
    '/v1',
    '/v1/credentials/web',
    '/v2/credentials',
    '/V1/credentials',
    '/v1/Credentials',
  ]) {
    assert.equal((await workload().ask('GET', path)).status, 404, path);
  }
});

describe('Authorization', () => {
  const cases: readonly [expected: string, sent: string | undefined, status: 200 | 403][] = [
    ['s3cr3t', 's3cr3t', 200],
    ['s3cr3t', 'Bearer s3cr3t', 200],
    ['s3cr3t', 'bearer  s3cr3t', 200],
    ['Bearer s3cr3t', 's3cr3t', 200],
    ['Bearer s3cr3t', 'Bearer s3cr3t', 200],
    ['Basic dTpw', 'Basic dTpw', 200],
    ['s3cr3t\n', 's3cr3t', 200],
    ['s3cr3t', undefined, 403],
    ['s3cr3t', '', 403],
    ['s3cr3t', 'Bearer', 403],
    ['s3cr3t', 's3cr3', 403],
    ['s3cr3t', 's3cr3tt', 403],
    ['s3cr3t', 'S3CR3T', 403],
    ['s3cr3t', 'Basic s3cr3t', 403],
    ['Basic dTpw', 'dTpw', 403],
    ['', '', 403],
    ['', undefined, 403],
    [' \n', 'Bearer ', 403],
  ];
  for (const [expected, sent, status] of cases) {
    test(`${JSON.stringify(expected)} expected, ${JSON.stringify(sent)} sent: ${status}`, async () => {
      const asked = workload({ expectedAuthorization: () => expected });
      const answer = await asked.ask('GET', PATH, sent === undefined ? {} : { authorization: sent });
      assert.equal(answer.status, status);
      assert.equal(answer.headers['Content-Type'], 'application/json');
      if (status !== 403) return;
      assert.equal(JSON.parse(answer.body).code, 'AUTHORIZATION_REFUSED');
      assert.ok(!answer.body.includes('s3cr3t') && !answer.body.includes('dTpw'));
    });
  }

  test('none expected: whatever is sent is no matter', async () => {
    assert.equal((await workload().ask('GET', PATH, { authorization: 'Bearer x' })).status, 200);
  });

  test('the value is asked for at each request', async () => {
    let expected = 'old';
    const asked = workload({ expectedAuthorization: async () => expected });
    const status = async (authorization: string) => (await asked.ask('GET', PATH, { authorization })).status;
    assert.equal(await status('old'), 200);
    expected = 'new';
    assert.equal(await status('old'), 403);
    assert.equal(await status('new'), 200);
  });

  test('a value that cannot be read lets nobody in', async () => {
    const fault = { code: 'UNREADABLE_FILE', object: '/token', problem: 'is gone', remedy: 'mount it' };
    const asked = workload({ expectedAuthorization: () => Promise.reject(new PodroleError(fault)) });
    const { status, body } = await asked.ask('GET', PATH, { authorization: 'x' });
    assert.equal(status, 503);
    assert.deepEqual(JSON.parse(body), { code: 'UNREADABLE_FILE', message: '/token: is gone; mount it' });
  });

  test('it is not asked of metadata, whose SDKs have none', async () => {
    const asked = workload({ expectedAuthorization: () => 's3cr3t' });
    assert.equal((await asked.ask('GET', '/latest/meta-data/iam/security-credentials/web')).status, 200);
  });
});
