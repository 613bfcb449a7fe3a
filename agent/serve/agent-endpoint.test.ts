import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import { INSTANCE_METADATA } from '../../lib/contract/imds.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { Caller } from '../../metadata/workloads/caller.ts';
import {
  type Answer,
  askAgent,
  askForToken,
  CONTAINER_HOST,
  CONTAINER_PATH,
  METADATA_HOST,
  ROLE_PATH,
} from '../../testing/agent/ask-agent.ts';
import { sampleGrant, samplePod, sampleRole } from '../../testing/agent/sample-pod.ts';
import { accessKeyOf, type ServedAgent, serveAgent } from '../../testing/agent/served-agent.ts';
import type { NodePod } from '../pods/node-pod.ts';

const A = '127.0.0.11';
const B = '127.0.0.12';
const podA = samplePod('web');
const podB = samplePod('api');
const isPod = (pod: NodePod): Caller<NodePod> => ({ kind: 'workload', workload: pod });
const UNCLEAR: Caller<never> = { kind: 'unclear', reason: 'shop/other may have it' };

const agent = await serveAgent();
const strict = await serveAgent({ imdsv2: 'required' });
const open = await serveAgent({ isUnknownBlocked: false });
const all = [agent, strict, open];
const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 });
after(async () => {
  keepAlive.destroy();
  await Promise.all(all.map(({ close }) => close()));
});
beforeEach(() => {
  for (const { callers } of all) callers.set(A, isPod(podA)).set(B, isPod(podB));
});
afterEach(() => {
  for (const { callers, tokens, asked, refused } of all) {
    callers.clear();
    tokens.clear();
    asked.length = 0;
    refused.length = 0;
  }
});

const container = (from: string, headers: Readonly<Record<string, string>> = {}, on = agent) =>
  askAgent({ port: on.port, from, path: CONTAINER_PATH, headers: { ...CONTAINER_HOST, ...headers } });
const metadata = (from: string, path: string, on = agent) =>
  askAgent({ port: on.port, from, path, headers: METADATA_HOST });
const keyIn = ({ status, body }: Answer) => (status === 200 ? JSON.parse(body).AccessKeyId : status);
const grantA = podA.grants[0] ?? assert.fail();
const grantB = podB.grants[0] ?? assert.fail();

describe('by address', () => {
  test('each pod gets its own role, on both kinds of endpoints', async () => {
    for (const [from, pod, grant] of [
      [A, podA, grantA],
      [B, podB, grantB],
    ] as const) {
      assert.equal((await metadata(from, ROLE_PATH)).body, grant.role.name);
      assert.equal(keyIn(await metadata(from, ROLE_PATH + grant.role.name)), accessKeyOf(pod, grant));
      const answer = await container(from);
      assert.equal(keyIn(answer), accessKeyOf(pod, grant));
      assert.equal(JSON.parse(answer.body).RoleArn, grant.role.arn);
    }
    const instances = [A, B].map(
      async (from) => (await metadata(from, '/latest/meta-data/instance-id')).body,
    );
    assert.equal(new Set(await Promise.all(instances)).size, 2);
  });

  test('the role of another pod does not exist for it', async () => {
    assert.equal((await metadata(A, ROLE_PATH + grantB.role.name)).status, 404);
  });

  test('a target role is shown in place of the role of the pod', async () => {
    const role = sampleRole('target');
    const pod = samplePod('chained', {
      grants: [sampleGrant({ role: sampleRole('base'), target: { role, hasSessionTags: true } })],
    });
    agent.callers.set(A, isPod(pod));
    assert.equal((await metadata(A, ROLE_PATH)).body, 'target');
    assert.equal(JSON.parse((await container(A)).body).RoleArn, role.arn);
  });

  test('a role of one container is not served by address; that of the other containers is', async () => {
    const own = sampleGrant({ role: sampleRole('own'), container: 'proxy' });
    agent.callers.set(A, isPod(samplePod('two', { grants: [own, grantA] })));
    assert.equal((await metadata(A, ROLE_PATH)).body, 'web');
    agent.callers.set(A, isPod(samplePod('one', { grants: [own] })));
    const refused = await container(A);
    assert.deepEqual([refused.status, JSON.parse(refused.body).code], [403, 'NO_ROLE']);
    assert.match(refused.body, /AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE/);
    assert.equal((await metadata(A, ROLE_PATH)).status, 403);
    assert.deepEqual(agent.refused, ['by-token', 'by-token']);
  });
});

describe('a connection', () => {
  test('is asked for once, and keeps its owner', async () => {
    const asking = { port: agent.port, from: A, path: CONTAINER_PATH, headers: CONTAINER_HOST };
    const first = await askAgent({ ...asking, agent: keepAlive });
    agent.callers.set(A, isPod(podB));
    const second = await askAgent({ ...asking, agent: keepAlive });
    assert.deepEqual([keyIn(first), keyIn(second)], Array(2).fill(accessKeyOf(podA, grantA)));
    assert.deepEqual(agent.asked, [A]);
    assert.equal(keyIn(await askAgent(asking)), accessKeyOf(podB, grantB));
  });

  test('is asked for again while it is unclear', async () => {
    agent.callers.set(A, UNCLEAR);
    const asking = { port: agent.port, from: A, path: CONTAINER_PATH, headers: CONTAINER_HOST };
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    const { status, headers } = await askAgent({ ...asking, agent: kept });
    assert.deepEqual([status, headers['retry-after']], [503, '1']);
    agent.callers.set(A, isPod(podA));
    assert.equal(keyIn(await askAgent({ ...asking, agent: kept })), accessKeyOf(podA, grantA));
    kept.destroy();
  });

  test('is closed when its pod is gone', async () => {
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    const asking = { port: agent.port, from: A, path: CONTAINER_PATH, headers: CONTAINER_HOST, agent: kept };
    await askAgent(asking);
    const [socket] = Object.values(kept.freeSockets).flat();
    const closed = once(socket ?? assert.fail(), 'close');
    agent.gone(podA.uid);
    await closed;
    agent.callers.set(A, isPod(podB));
    assert.equal(keyIn(await askAgent(asking)), accessKeyOf(podB, grantB));
    kept.destroy();
  });
});

describe('a session token of IMDSv2', () => {
  const withToken = (from: string, token: string, on: ServedAgent) =>
    askAgent({
      port: on.port,
      from,
      path: ROLE_PATH,
      headers: { ...METADATA_HOST, [INSTANCE_METADATA.tokenHeader]: token },
    });

  for (const [name, on] of [
    ['optional', agent],
    ['required', strict],
  ] as const) {
    test(`belongs to its pod, v2 ${name}`, async () => {
      const token = await askForToken({ port: on.port, from: A });
      assert.equal((await withToken(A, token, on)).body, 'web');
      assert.equal((await withToken(B, token, on)).status, 401, 'another pod');
      on.callers.set(A, isPod(samplePod('web', { uid: 'next' })));
      assert.equal((await withToken(A, token, on)).status, 401, 'the next pod with its name and address');
      on.callers.set(A, isPod(podA));
      assert.equal((await withToken(A, token, on)).status, 200, 'its pod again');
      on.gone(podA.uid);
      assert.equal((await withToken(A, token, on)).status, 401, 'its pod was gone');
    });
  }

  test('required: container credentials by address are refused', async () => {
    const { status, body } = await container(A, {}, strict);
    assert.deepEqual([status, JSON.parse(body).code], [403, 'AGENT_TOKEN_REQUIRED']);
    assert.equal((await metadata(A, ROLE_PATH, strict)).status, 401);
  });
});

describe('by token', () => {
  const own = sampleGrant({ role: sampleRole('own'), container: 'proxy' });
  const pod = samplePod('two', { grants: [own, grantA] });

  test('the token decides, wherever the address says nothing certain', async () => {
    for (const on of [agent, strict]) {
      on.tokens.set('of-proxy', { pod, grant: own }).set('Bearer of-web', { pod, grant: grantA });
      for (const caller of [isPod(pod), UNCLEAR, undefined]) {
        if (caller) on.callers.set(A, caller);
        else on.callers.delete(A);
        assert.equal(keyIn(await container(A, { authorization: 'of-proxy' }, on)), accessKeyOf(pod, own));
        assert.equal(
          keyIn(await container(A, { authorization: 'Bearer of-web' }, on)),
          accessKeyOf(pod, grantA),
        );
      }
    }
  });

  test('a verdict that takes long does not delay it', async () => {
    const late = Promise.withResolvers<Caller<NodePod>>();
    agent.callers.set(A, late.promise);
    agent.tokens.set('of-proxy', { pod, grant: own });
    assert.equal(keyIn(await container(A, { authorization: 'of-proxy' })), accessKeyOf(pod, own));
    late.resolve(isPod(pod));
  });

  test('that of another pod than the address certainly has is refused', async () => {
    agent.tokens.set('of-proxy', { pod, grant: own });
    const { status, body } = await container(A, { authorization: 'of-proxy' });
    assert.deepEqual([status, JSON.parse(body).code], [403, 'AGENT_TOKEN_REFUSED']);
  });

  for (const sent of ['invalid', '', 'Bearer ', 'Bearer x, Bearer y', 'x'.repeat(10_000)]) {
    test(`${JSON.stringify(sent.slice(0, 20))} is refused, and never falls back to the address`, async () => {
      const { status, body } = await container(A, { authorization: sent });
      assert.deepEqual([status, JSON.parse(body).code], [403, 'AGENT_TOKEN_REFUSED']);
      assert.ok(!body.includes('invalid'));
    });
  }

  test('while the API server does not answer, it is neither valid nor invalid, and the sender reads no address', async () => {
    const failure = new PodroleError({
      code: 'API_UNREACHABLE',
      object: 'GET https://10.0.0.1:6443/openid/v1/jwks',
      problem: 'no answer',
      remedy: 'wait',
    });
    agent.tokens.set('of-proxy', failure);
    const { status, headers, body } = await container(A, { authorization: 'of-proxy' });
    assert.deepEqual([status, headers['retry-after'], JSON.parse(body).code], [503, '1', 'CALLER_UNCLEAR']);
    assert.ok(!body.includes('10.0.0.1'));
    assert.equal(agent.refused.at(-1), 'unchecked');
    assert.equal(agent.unchecked.at(-1), failure);
  });

  test('it counts for container credentials only: not for a host of instance metadata, not forwarded', async () => {
    agent.tokens.set('of-proxy', { pod, grant: own });
    agent.callers.delete(A);
    const authorization = 'of-proxy';
    assert.equal((await container(A, { authorization, ...METADATA_HOST })).status, 403);
    assert.equal((await container(A, { authorization, via: '1.1 proxy' })).status, 403);
    const headers = { ...METADATA_HOST, authorization };
    assert.equal((await askAgent({ port: agent.port, from: A, path: ROLE_PATH, headers })).status, 403);
  });
});

describe('who has no role', () => {
  const cases: readonly [who: string, caller: Caller<NodePod> | undefined, code: string][] = [
    ['a pod without a role', isPod(samplePod('plain', { grants: [] })), 'NO_ROLE'],
    ['a stranger', undefined, 'CALLER_UNKNOWN'],
    ['an unclear one', UNCLEAR, 'CALLER_UNCLEAR'],
  ];
  for (const [who, caller, code] of cases) {
    test(`${who}: ${code}`, async () => {
      const status = code === 'CALLER_UNCLEAR' ? 503 : 403;
      for (const { callers } of [agent, open]) {
        if (caller) callers.set(A, caller);
        else callers.delete(A);
      }
      for (const on of [agent, open]) {
        const asJson = await container(A, {}, on);
        assert.deepEqual([asJson.status, JSON.parse(asJson.body).code], [status, code]);
        assert.ok(!asJson.body.includes('other'), 'no other pod is named');
      }
      for (const path of [ROLE_PATH, `${ROLE_PATH}web`, '/', '/latest/meta-data/instance-id', '/no']) {
        const asText = await metadata(A, path);
        assert.equal(asText.status, status);
        assert.ok(asText.body.startsWith(`${code}: `));
        assert.equal((await metadata(A, path, open)).status, status === 503 ? 503 : 404);
      }
    });
  }
});
