import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExchangedSession } from '../../credentials/exchange/exchange.ts';
import { sampleGrant, samplePod, sampleRole } from '../../testing/agent/sample-pod.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import type { Grant } from '../pods/grant.ts';
import type { NodePod } from '../pods/node-pod.ts';
import { openPodSessions } from './sessions-of-pods.ts';

const MINUTE_MS = 60_000;

test('pods of one role, and roles of one pod, have sessions of their own', async () => {
  const time = createVirtualTime();
  const clock = time.clock();
  const results: string[] = [];
  const sessions = openPodSessions({
    clock,
    random: () => 0.5,
    exchange: (pod, grant) => async () => sessionFor(keyOf(pod, grant), clock.now()),
    onResult: (pod, grant) => results.push(keyOf(pod, grant)),
  });
  const serve = async (pod: NodePod, grant: Grant) =>
    (await sessions.sessionsOf(pod, grant).current()).accessKeyId;
  const role = sampleRole('shared');
  const target = (name: string, hasSessionTags = true) => ({ role: sampleRole(name), hasSessionTags });
  const grants: readonly Grant[] = [
    sampleGrant({ role }),
    sampleGrant({ role, container: 'sidecar', token: { volumeName: 'other', path: 'token' } }),
    sampleGrant({ role, sessionName: 'named' }),
    sampleGrant({ role, target: target('one') }),
    sampleGrant({ role, target: target('one', false) }),
    sampleGrant({ role, target: target('two') }),
    sampleGrant({ role: sampleRole('second') }),
  ];
  const pods = [samplePod('a'), samplePod('b')];
  const served = pods.flatMap((pod) =>
    grants.flatMap((grant) => [serve(pod, grant), serve(pod, { ...grant })]),
  );
  await time.pass(MINUTE_MS);
  const expected = pods.flatMap((pod) => grants.map((grant) => keyOf(pod, grant)));
  assert.deepEqual(
    await Promise.all(served),
    expected.flatMap((key) => [key, key]),
  );
  assert.deepEqual(results.sort(), expected.sort());
  sessions.stop();
});

function keyOf({ uid }: NodePod, { role, target }: Grant): string {
  return [uid, role.name, target?.role.name].filter(Boolean).join(' ');
}

function sessionFor(accessKeyId: string, obtainedAt: Date): ExchangedSession {
  const lifetimeMs = 60 * MINUTE_MS;
  const expiration = new Date(obtainedAt.getTime() + lifetimeMs);
  const session = { accessKeyId, secretAccessKey: 's', sessionToken: 't', expiration, obtainedAt };
  return { session, lifetimeMs, clockAheadMs: 0 };
}
