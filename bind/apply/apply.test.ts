import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { startBindSite } from '../../testing/bind/bind-site.ts';
import { openIam } from '../iam/open-iam.ts';
import type { PlanStep } from '../plan/plan-step.ts';
import { applySteps } from './apply.ts';

test('a run that is told to end begins no further step, and says where it is', async () => {
  const site = await startBindSite();
  const iam = await openIam(undefined);
  const ending = new AbortController();
  const provider = (name: string): PlanStep => ({
    object: name,
    action: 'create',
    call: { service: 'iam', operation: 'CreateOpenIDConnectProvider', input: { Url: `https://${name}` } },
  });
  const said: string[] = [];
  const tools = {
    iam,
    cluster: undefined,
    signal: ending.signal,
    say: (line: string) => {
      said.push(line);
      ending.abort();
    },
  };
  try {
    const applied = applySteps([provider('a.test'), provider('b.test')], tools);
    await assert.rejects(applied, (thrown) => {
      assert.ok(thrown instanceof PodroleError);
      assert.match(
        thrown.message,
        /^b\.test: was not changed, since this run was told to end; run again\nplan: 1 of 2 changes are done: a\.test: create\. Not done: b\.test: create; /,
      );
      // With its stack: the first error says where it was thrown.
      assert.ok(thrown.cause instanceof PodroleError);
      assert.equal(thrown.cause.code, 'STOPPED');
      return true;
    });
    assert.deepEqual(said, ['done: a.test: create']);
    assert.equal(site.iam.providers.size, 1);
  } finally {
    iam.destroy();
    await site.stop();
  }
});
