import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBindSite } from '../../testing/bind/bind-site.ts';
import { openIam } from '../iam/open-iam.ts';
import type { PlanStep } from '../plan/plan-step.ts';
import { applySteps } from './apply.ts';

test('a run that is asked to stop begins no further step, and says how far it came', async () => {
  const site = await startBindSite();
  const iam = await openIam(undefined, {});
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
    await assert.rejects(applySteps([provider('a.test'), provider('b.test')], tools), {
      message:
        /^b\.test: was not changed, because this run was asked to stop; run again\nplan: 1 of 2 changes are done: a\.test: create\. Not done: b\.test: create; /,
    });
    assert.deepEqual(said, ['done: a.test: create']);
    assert.equal(site.iam.providers.size, 1);
  } finally {
    iam.destroy();
    await site.stop();
  }
});
