import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRoleArn } from '../../lib/arn.ts';
import { type Fault, PodroleError } from '../../lib/errors.ts';
import { WORKLOADS } from '../../testing/agent/workload-of-agent.ts';
import { workload, workloadFacts, workloadSession } from '../../testing/sidecar/workload.ts';
import type { CredentialsAccess } from './access.ts';
import type { ExpectedAuthorization } from './authorization.ts';

const PATH = '/v1/credentials';
const SECRET = `${PATH}/5f0c1f6e-7d0a-4c58-9a55-0f1b2c3d4e5f`;
const guarded = (authorization: ExpectedAuthorization): CredentialsAccess => ({
  authorization,
  isOpen: true,
});

for (const [server, workload] of Object.entries(WORKLOADS)) {
  describe(server, () => endpointTests(workload));
}

function endpointTests(workload: (typeof WORKLOADS)['sidecar']): void {
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

  for (const arn of [
    'arn:minio:iam:us-east-1::role/nOybJqMNzNmroqEKq5D0EUsRZw0',
    'arn:aws:iam:::role/team/plain-web',
    'arn:aws:iam::tenant1:role/app',
    'arn:aws:iam::RGW11111111111111111:role/app',
    'arn:aws:iam::role/app',
  ]) {
    test(`the document has ${arn} as it was given, and no AccountId`, async () => {
      const role = parseRoleArn(arn) ?? assert.fail();
      const { body } = await workload({ facts: { ...workloadFacts, role } }).ask('GET', PATH);
      const { RoleArn, AccountId } = JSON.parse(body);
      assert.deepEqual([RoleArn, AccountId], [arn, undefined]);
      assert.doesNotMatch(body, /AccountId/);
    });
  }

  test('an extra slash, a query or HEAD give the same answer', async () => {
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

  test('no other path is served', async () => {
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

  test('for a host of instance metadata there are none, nor for a forwarded request', async () => {
    for (const host of ['169.254.169.254', '[fd00:ec2::254]:80', 'localhost.']) {
      assert.notEqual((await workload().ask('GET', PATH, { host })).status, 200, host);
    }
    for (const name of ['x-forwarded-for', 'via', 'forwarded']) {
      assert.equal((await workload().ask('GET', PATH, { [name]: '127.0.0.1' })).status, 403, name);
    }
  });
}

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
      const asked = workload({ access: guarded(() => [expected]) });
      const answer = await asked.ask('GET', PATH, sent === undefined ? {} : { authorization: sent });
      assert.equal(answer.status, status);
      assert.equal(answer.headers['Content-Type'], 'application/json');
      if (status !== 403) return;
      assert.equal(JSON.parse(answer.body).code, 'AUTHORIZATION_REFUSED');
      assert.ok(!answer.body.includes('s3cr3t') && !answer.body.includes('dTpw'));
    });
  }

  test('without an expected value, any Authorization is ignored', async () => {
    assert.equal((await workload().ask('GET', PATH, { authorization: 'Bearer x' })).status, 200);
  });

  test('the value is asked for at each request', async () => {
    let expected = 'old';
    const asked = workload({ access: guarded(async () => [expected]) });
    const status = async (authorization: string) => (await asked.ask('GET', PATH, { authorization })).status;
    assert.equal(await status('old'), 200);
    expected = 'new';
    assert.equal(await status('old'), 403);
    assert.equal(await status('new'), 200);
  });

  test('a value that cannot be read lets nobody in', async () => {
    const fault: Fault = {
      code: 'UNREADABLE_FILE',
      object: '/token',
      problem: 'is gone',
      remedy: 'mount it',
    };
    const asked = workload({ access: guarded(() => Promise.reject(new PodroleError(fault))) });
    const { status, body } = await asked.ask('GET', PATH, { authorization: 'x' });
    assert.equal(status, 503);
    assert.deepEqual(JSON.parse(body), { code: 'UNREADABLE_FILE', message: '/token: is gone; mount it' });
  });

  test('metadata does not require it: its SDKs have none', async () => {
    const asked = workload({ access: guarded(() => ['s3cr3t']) });
    assert.equal((await asked.ask('GET', '/latest/meta-data/iam/security-credentials/web')).status, 200);
  });
});

describe('for a host of instance metadata there are none, as on EC2', () => {
  const METADATA = ['169.254.169.254', '169.254.169.254:80', '[fd00:ec2::254]', '[FD00:EC2:0::254]:80'];
  const OWN = [
    '169.254.170.2',
    '169.254.170.23:80',
    '[fd00:ec2::23]',
    'localhost:9911',
    '[::1]',
    '127.0.0.1',
  ];

  for (const imdsv2 of ['optional', 'required'] as const) {
    test(`v2 ${imdsv2}`, async () => {
      const asked = workload({ imdsv2, access: { secretPath: SECRET, isOpen: false } });
      const open = workload({ imdsv2 });
      for (const host of METADATA) {
        const expected = imdsv2 === 'required' ? 401 : 404;
        assert.equal((await asked.ask('GET', SECRET, { host })).status, expected, host);
        assert.equal((await open.ask('GET', PATH, { host })).status, expected, host);
        const token = { 'x-aws-ec2-metadata-token': await asked.token() };
        assert.equal((await asked.ask('GET', SECRET, { host, ...token })).status, 404, host);
      }
      for (const host of OWN) assert.equal((await asked.ask('GET', SECRET, { host })).status, 200, host);
    });
  }

  test('without a Host there are none: every SDK sends one', async () => {
    const { endpoint } = workload();
    assert.equal((await endpoint({ method: 'GET', url: PATH, headers: {} })).status, 404);
  });
});

test('a forwarded request gets none, whatever it contains', async () => {
  const asked = workload({ access: { secretPath: SECRET, authorization: () => ['s3cr3t'], isOpen: true } });
  const added = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded', 'via', 'x-real-ip'];
  const ofNetworks = [
    'cf-connecting-ip',
    'cf-ray',
    'true-client-ip',
    'x-amz-cf-id',
    'cloudfront-viewer-address',
  ];
  const ofAzure = ['x-azure-clientip', 'x-azure-socketip', 'x-azure-ref', 'x-azure-fdid'];
  const ofOthers = ['client-ip', 'x-remote-ip', 'x-remote-addr', 'x-host', 'x-http-host-override'];
  const further = ['x-original-url', 'x-forwarded', 'cloudfront-forwarded-proto'];
  for (const name of [...added, ...ofNetworks, ...ofAzure, ...ofOthers, ...further]) {
    for (const value of ['127.0.0.1', '']) {
      const headers = { [name]: value, authorization: 's3cr3t' };
      for (const path of [PATH, SECRET]) {
        const { status, body } = await asked.ask('GET', path, headers);
        assert.deepEqual([status, JSON.parse(body).code], [403, 'FORWARDED'], name);
      }
    }
  }
});

describe('a secret path', () => {
  const cases: readonly [
    access: CredentialsAccess,
    path: string,
    sent: string | undefined,
    answer: string,
  ][] = [
    [{ secretPath: SECRET, isOpen: true }, SECRET, undefined, '200'],
    [{ secretPath: SECRET, isOpen: true }, SECRET, 'of another server', '200'],
    [{ secretPath: SECRET, isOpen: true }, PATH, undefined, '403 CREDENTIALS_PATH_REFUSED'],
    [{ secretPath: SECRET, isOpen: true }, PATH, 'of another server', '403 CREDENTIALS_PATH_REFUSED'],
    [{ secretPath: SECRET, isOpen: true }, `${SECRET.slice(0, -1)}0`, undefined, '404 NOT_FOUND'],
    [{ secretPath: SECRET, isOpen: true }, SECRET.slice(0, -1), undefined, '404 NOT_FOUND'],
    [{ secretPath: SECRET, isOpen: true }, `${SECRET}/x`, undefined, '404 NOT_FOUND'],
    [{ secretPath: SECRET, isOpen: true }, `${PATH}/$(PODROLE_POD_UID)`, undefined, '404 NOT_FOUND'],
    [{ secretPath: SECRET, ...guarded(() => ['t']) }, SECRET, undefined, '200'],
    [{ secretPath: SECRET, ...guarded(() => ['t']) }, SECRET, 'wrong', '200'],
    [{ secretPath: SECRET, ...guarded(() => ['t']) }, PATH, 't', '200'],
    [{ secretPath: SECRET, ...guarded(() => ['new', 't']) }, PATH, 't', '200'],
    [{ secretPath: SECRET, ...guarded(() => ['t']) }, PATH, 'wrong', '403 AUTHORIZATION_REFUSED'],
    [{ secretPath: SECRET, ...guarded(() => ['t']) }, PATH, undefined, '403 AUTHORIZATION_REFUSED'],
    [{ isOpen: true }, PATH, undefined, '200'],
    [{ isOpen: true }, SECRET, undefined, '404 NOT_FOUND'],
    [{ isOpen: false }, PATH, undefined, '403 CREDENTIALS_NOT_SERVED'],
    [{ isOpen: false, authorization: () => ['t'] }, PATH, 't', '200'],
  ];
  for (const [access, path, sent, expected] of cases) {
    const { secretPath, authorization, isOpen } = access;
    const has = [secretPath && 'secret', authorization && 'authorization', isOpen && 'open'].filter(Boolean);
    test(`${has.join('+') || 'closed'}: ${path}, ${sent ?? 'nothing'} sent: ${expected}`, async () => {
      const headers = sent === undefined ? {} : { authorization: sent };
      const { status, body } = await workload({ access }).ask('GET', path, headers);
      const code = status === 200 ? '' : ` ${JSON.parse(body).code}`;
      assert.equal(`${status}${code}`, expected);
      assert.ok(!body.includes(SECRET));
    });
  }
});
