import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../lib/errors.ts';
import type { Caller } from '../../metadata/workloads/caller.ts';
import { samplePod } from '../../testing/agent/sample-pod.ts';
import type { NodePod } from '../pods/node-pod.ts';
import { refuseForeignToken } from './token-sender.ts';

const CASES: readonly (readonly [what: string, caller: Caller<NodePod>, accepted: boolean])[] = [
  ['its own address', { kind: 'workload', workload: samplePod('web') }, true],
  ['the address of another pod', { kind: 'workload', workload: samplePod('thief') }, false],
  [
    'a pod of its name that is another',
    { kind: 'workload', workload: samplePod('web', { uid: 'uid-web-before' }) },
    false,
  ],
  ['an address whose owner is unclear', { kind: 'unclear', reason: 'two pods may hold it' }, true],
  ['an address that no pod is known to have', { kind: 'stranger', reason: 'no pod holds it' }, true],
];

for (const [what, caller, accepted] of CASES) {
  test(`a token from ${what} is ${accepted ? 'accepted' : 'refused'}`, () => {
    const act = () => refuseForeignToken(samplePod('web'), caller);
    if (accepted) act();
    else {
      // The thief learns nothing of the pod whose token it has.
      const isRefusal = (thrown: unknown) =>
        codeOf(thrown) === 'AGENT_TOKEN_REFUSED' && !String(thrown).includes('web');
      assert.throws(act, isRefusal);
    }
  });
}
