import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FaultCode } from '../lib/errors/code.ts';
import { PodroleError } from '../lib/errors.ts';
import { workload } from '../testing/sidecar/workload.ts';

const ROLE = '/latest/meta-data/iam/security-credentials/web';

function failing(thrown: unknown) {
  return workload({ sessions: { current: () => Promise.reject(thrown) } });
}

function fault(code: FaultCode): PodroleError {
  return new PodroleError({ code, object: 'role web', problem: 'does not\ntrust it', remedy: 'fix it' });
}

const cases: readonly [what: string, thrown: unknown, status: number, code: string, message: string][] = [
  ['STS refuses the role', fault('STS_REFUSED'), 403, 'STS_REFUSED', 'role web: does not trust it; fix it'],
  ['STS is gone', fault('STS_FAILED'), 503, 'STS_FAILED', 'role web: does not trust it; fix it'],
  [
    'a fault of ours',
    new Error('token eyJh'),
    500,
    'INTERNAL_ERROR',
    'internal error; the log of podrole says why',
  ],
  [
    'nothing that is an error',
    undefined,
    500,
    'INTERNAL_ERROR',
    'internal error; the log of podrole says why',
  ],
  ['no fault', new PodroleError([]), 500, 'INTERNAL_ERROR', 'internal error; the log of podrole says why'],
];

for (const [what, thrown, status, code, message] of cases) {
  describe(what, () => {
    test('metadata: plain text of one line', async () => {
      const answer = await failing(thrown).ask('GET', ROLE);
      assert.deepEqual(answer, {
        status,
        headers: { 'Content-Type': 'text/plain' },
        body: `${code}: ${message}`,
      });
    });

    test('container credentials: the JSON of SDKs', async () => {
      const answer = await failing(thrown).ask('GET', '/v1/credentials');
      assert.deepEqual(
        { ...answer, body: JSON.parse(answer.body) },
        { status, headers: { 'Content-Type': 'application/json' }, body: { code, message } },
      );
    });

    test('everything else is still served', async () => {
      const paths = ['/', '/latest/meta-data/iam/security-credentials/', '/latest/meta-data/iam/info'];
      for (const path of paths) assert.equal((await failing(thrown).ask('GET', path)).status, 200, path);
    });
  });
}

test('a session source that throws at once is handled like one that rejects', async () => {
  const asked = workload({
    sessions: {
      current: () => {
        throw fault('STS_FAILED');
      },
    },
  });
  assert.equal((await asked.ask('GET', ROLE)).status, 503);
  assert.equal((await asked.ask('GET', '/v1/credentials')).status, 503);
});
