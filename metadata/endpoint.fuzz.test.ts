import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SIDECAR_CREDENTIALS_PATH } from '../lib/contract/podrole.ts';
import type { EndpointRequest } from '../lib/http/endpoint.ts';
import { arbitraryRequest } from '../testing/arbitrary/request.ts';
import { workload, workloadSession } from '../testing/sidecar/workload.ts';

const SECRET = `${SIDECAR_CREDENTIALS_PATH}/5f0c1f6e-7d0a-4c58-9a55-0f1b2c3d4e5f`;
/**
 * Matches each decoded path that may bring credentials. Node's URL keeps repeated slashes; they count as one.
 */
const SECRET_PATH =
  /^\/+(v1\/+credentials(\/+5f0c1f6e-7d0a-4c58-9a55-0f1b2c3d4e5f)?|[^/]+\/+meta-data\/+iam\/+security-credentials\/+web)\/*$/;
const PATHS = [
  '/',
  '/latest',
  '/latest/api/token',
  '/latest/meta-data/iam/security-credentials/',
  '/latest/meta-data/iam/security-credentials/web',
  '/2016-09-02/meta-data/iam/security-credentials/web',
  '/latest/meta-data/placement/availability-zone',
  '/latest/dynamic/instance-identity/document',
  SIDECAR_CREDENTIALS_PATH,
  SECRET,
];
const STATUSES = new Set([200, 400, 401, 403, 404, 405]);

function mayHaveSecret({ method, url }: EndpointRequest): boolean {
  const [path = ''] = url.split('?', 1);
  return (method === 'GET' || method === 'HEAD') && SECRET_PATH.test(decodeURIComponent(path));
}

for (const imdsv2 of ['optional', 'required'] as const) {
  test(`any request gets one of the documented answers, v2 ${imdsv2}`, async () => {
    const asked = workload({
      imdsv2,
      access: { secretPath: SECRET, authorization: () => ['authorized'], isOpen: true },
    });
    const token = await asked.token();
    const statuses = new Set<number>();
    const request = arbitraryRequest({
      paths: PATHS,
      headers: {
        'x-aws-ec2-metadata-token': [token],
        'x-aws-ec2-metadata-token-ttl-seconds': ['1', '60', '21600'],
        'x-forwarded-for': ['10.0.0.1'],
        via: ['1.1 proxy'],
        authorization: ['authorized', 'Bearer authorized'],
        host: ['169.254.169.254', '169.254.170.2', '[fd00:ec2::254]', 'example.com'],
      },
    });
    await fc.assert(
      fc.asyncProperty(request, async (asking) => {
        const { method, url, headers } = asking;
        const { status, headers: answered, body } = await asked.ask(method, url, headers);
        statuses.add(status);
        assert.ok(STATUSES.has(status), `status ${status}`);
        for (const value of Object.values(answered)) assert.match(value, /^[ -~]+$/);
        if (!body.includes(workloadSession.secretAccessKey)) return;
        assert.equal(status, 200);
        assert.ok(mayHaveSecret(asking));
        if (answered['Content-Type'] === 'application/json') {
          if (!decodeURIComponent(url).includes('5f0c1f6e')) {
            assert.match(headers.authorization ?? '', /authorized$/);
          }
          assert.ok([undefined, '169.254.170.2'].includes(headers.host), headers.host);
          assert.deepEqual([headers['x-forwarded-for'], headers.via], [undefined, undefined]);
        } else if (imdsv2 === 'required') assert.equal(headers['x-aws-ec2-metadata-token'], token);
      }),
      { numRuns: 50_000 },
    );
    assert.deepEqual(statuses, STATUSES, 'every status was met');
  });
}
