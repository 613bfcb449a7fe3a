import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, afterEach, test } from 'node:test';
import { podLikeAddresses, roleOf, startAgentNode } from '../testing/agent/agent-node.ts';
import {
  askAgent,
  CONTAINER_HOST,
  CONTAINER_PATH,
  METADATA_HOST,
  ROLE_PATH,
} from '../testing/agent/ask-agent.ts';
import { answerXml, PEER_SECRETS, stsErrorXml, useStsPeer } from '../testing/aws/sts-peer.ts';
import { type ServerProcess, startPodrole } from '../testing/processes/server-process.ts';
import { until } from '../testing/until.ts';

const peer = await useStsPeer();
const answerAtOnce = peer.answerWith;
const node = await startAgentNode();
const running: ServerProcess[] = [];
after(() => node.close());
afterEach(async () => {
  for (const process of running.splice(0)) {
    await process.stop('SIGKILL');
    const log = JSON.stringify(process.lines);
    for (const secret of [...Object.values(PEER_SECRETS), '.signature', ...tokens]) {
      assert.ok(!log.includes(secret));
    }
  }
  peer.answerWith = answerAtOnce;
  peer.calls.length = 0;
});

const tokens = new Set<string>();

async function startAgent(...args: readonly string[]): Promise<ServerProcess> {
  const ports = ['--port', '0', '--metrics-port', '0', '--shutdown-delay', '0', '--log-level', 'debug'];
  const process = await startPodrole(['agent', ...ports, ...args], { env: node.env(peer.url) });
  running.push(process);
  const { metricsPort } = process.listening;
  await until(async () => (await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).ok, 'the agent is ready');
  return process;
}

const portOf = ({ listening }: ServerProcess) => Number(listening['port']);
const healthOf = ({ listening }: ServerProcess) => `http://127.0.0.1:${listening['metricsPort']}`;

async function byToken(process: ServerProcess, name: string, agent?: Agent) {
  const authorization = await node.token(name);
  tokens.add(authorization);
  const headers = { ...CONTAINER_HOST, authorization };
  const asking = { port: portOf(process), from: '127.0.0.1', path: CONTAINER_PATH, headers };
  return askAgent(agent ? { ...asking, agent } : asking);
}

async function metricsOf(process: ServerProcess): Promise<string> {
  return (await fetch(`${healthOf(process)}/metrics`)).text();
}

test('each pod gets its role for its token, by one exchange of the token that kubelet keeps for it', async () => {
  for (const name of ['web', 'api']) node.start({ name });
  const agent = await startAgent();
  for (const name of ['web', 'api']) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => byToken(agent, name)));
    for (const { status, body } of answers) {
      assert.equal(status, 200, body);
      assert.equal(JSON.parse(body).RoleArn, roleOf(name));
    }
  }
  const exchanged = peer.calls.map((call) => [call.get('RoleArn'), call.get('WebIdentityToken')]);
  assert.deepEqual(exchanged, [
    [roleOf('web'), `${'x'.repeat(20)}.web.signature`],
    [roleOf('api'), `${'x'.repeat(20)}.api.signature`],
  ]);
  const metrics = await metricsOf(agent);
  assert.match(metrics, /^podrole_agent_requests_total\{status="200"\} 40$/m);
  assert.match(metrics, /^podrole_exchanges_total\{result="succeeded"\} 2$/m);
  assert.match(metrics, /^podrole_agent_sessions 2$/m);
  assert.match(metrics, /^podrole_agent_pods 2$/m);
  assert.match(metrics, /^podrole_agent_ready 1$/m);
  for (const path of ['healthz', 'livez'])
    assert.equal((await fetch(`${healthOf(agent)}/${path}`)).status, 200);
  node.end('api');
  await until(
    async () => /^podrole_agent_sessions 1$/m.test(await metricsOf(agent)),
    'its session is dropped',
  );
  const gone = await byToken(agent, 'api');
  assert.deepEqual([gone.status, JSON.parse(gone.body).code], [403, 'AGENT_TOKEN_REFUSED']);
  assert.equal(await agent.stop(), 0);
  node.end('web');
});

test('only pods of the node get something', async () => {
  node.start({ name: 'web' });
  const agent = await startAgent();
  const asking = { port: portOf(agent), from: '127.0.0.7' };
  const container = await askAgent({ ...asking, path: CONTAINER_PATH, headers: CONTAINER_HOST });
  const metadata = await askAgent({ ...asking, path: ROLE_PATH, headers: METADATA_HOST });
  for (const { status, body } of [container, metadata]) {
    assert.ok(status === 403 || status === 503, String(status));
    assert.doesNotMatch(body, /web/);
  }
  assert.equal(peer.calls.length, 0);
  node.end('web');
});

test('an agent without the folder of kubelet is not ready', async () => {
  const args = ['--port', '0', '--metrics-port', '0', '--kubelet-pods-folder', `${node.podsFolder}/nowhere`];
  const agent = await startPodrole(['agent', ...args], { env: node.env(peer.url) });
  running.push(agent);
  const reasons = async () => (await fetch(`${healthOf(agent)}/readyz`)).text();
  await until(async () => !(await reasons()).includes('not listed'), 'the pods are listed');
  assert.match(await reasons(), /^\{"ready":false.*nowhere, cannot be read \(ENOENT\)/);
});

const own = podLikeAddresses();
const skip = own.length > 0 ? false : 'this machine has no address but loopback';

test('a pod whose address is certain gets its role by address', { skip }, async () => {
  const [address = ''] = own;
  node.start({ name: 'web', addresses: [address] });
  node.start({ name: 'api', addresses: own.slice(1, 2) });
  const agent = await startAgent();
  const asking = { port: portOf(agent), from: address, host: address };
  const list = await askAgent({ ...asking, path: ROLE_PATH, headers: METADATA_HOST });
  assert.deepEqual([list.status, list.body], [200, 'web']);
  const { status, body } = await askAgent({ ...asking, path: CONTAINER_PATH, headers: CONTAINER_HOST });
  assert.deepEqual([status, JSON.parse(body).RoleArn], [200, roleOf('web')]);
  for (const name of ['web', 'api']) node.end(name);
});

test('a role that STS refuses is a 403 with the reason, and an Event on the pod', async () => {
  node.start({ name: 'web' });
  peer.answerWith = answerXml(403, () => stsErrorXml('AccessDenied', 'Not authorized'));
  const agent = await startAgent();
  const { status, body } = await byToken(agent, 'web');
  assert.deepEqual([status, JSON.parse(body).code], [403, 'STS_REFUSED']);
  const isEvent = ({ method, pathname }: { method: string; pathname: string }) =>
    method === 'POST' && pathname.endsWith('/events');
  await until(() => node.api.requests.some(isEvent), 'an Event is created');
  const event = JSON.stringify(node.api.requests.find(isEvent)?.body);
  assert.match(event, /AccessDenied/);
  assert.match(event, /"uid":"uid-web"/);
  assert.match(await metricsOf(agent), /^podrole_exchanges_total\{result="refused"\} [1-9]/m);
  assert.match(await metricsOf(agent), /^podrole_exchanges_total\{result="failed"\} 0$/m);
  node.end('web');
});

test('an agent that follows another on the same ports: no request fails', async () => {
  node.start({ name: 'web', addresses: own.slice(0, 1) });
  const first = await startAgent('--shutdown-delay', '60s');
  const keepAlive = new Agent({ keepAlive: true });
  const ended = new AbortController();
  const loop = async (ask: () => ReturnType<typeof askAgent>) => {
    let answered = 0;
    for (; !ended.signal.aborted; answered += 1) {
      const { status, body } = await ask();
      assert.equal(status, 200, body);
    }
    return answered;
  };
  const byAddress = own.slice(0, 1).map((address) => {
    const at = { port: portOf(first), from: address, host: address };
    return loop(() => askAgent({ ...at, path: `${ROLE_PATH}web`, headers: METADATA_HOST }));
  });
  const loops = [
    loop(() => byToken(first, 'web', keepAlive)),
    loop(() => byToken(first, 'web')),
    ...byAddress,
  ];
  const failed = Promise.all(loops);
  failed.catch(() => {});
  const stopped = first.stop();
  const { port, metricsPort } = first.listening;
  await first.line(({ msg }) => String(msg).startsWith('shutting down'));
  const second = await startAgent('--port', String(port), '--metrics-port', String(metricsPort));
  assert.equal(await stopped, 0);
  await first.line(({ msg, isFollowed }) => msg === 'handing over' && isFollowed === true);
  const before = peer.calls.length;
  await byToken(second, 'web');
  ended.abort();
  for (const answered of await failed) assert.ok(answered > 1, String(answered));
  assert.ok(before <= 2, 'one exchange for each agent');
  keepAlive.destroy();
  node.end('web');
});

test('one port for pods and metrics is refused: the kernel would let both listen', async () => {
  const same = startAgent('--port', '19921', '--metrics-port', '19921');
  await assert.rejects(
    same,
    /--metrics-port: is 19921, which is the --port for workloads too.*INVALID_SETTING/,
  );
});

test('Prometheus has a port of its own if an address is given, with /metrics alone', async () => {
  assert.equal((await startAgent()).listening['scrapePort'], undefined);
  const { listening } = await startAgent('--scrape-host', '127.0.0.1', '--scrape-port', '0');
  const at = `http://127.0.0.1:${listening['scrapePort']}`;
  assert.match(await (await fetch(`${at}/metrics`)).text(), /^podrole_agent_ready 1$/m);
  for (const path of ['readyz', 'healthz']) assert.equal((await fetch(`${at}/${path}`)).status, 404);
});

test('a port of another program is an error, and nothing is left running', async () => {
  const taken = new URL(peer.url).port;
  await assert.rejects(startAgent('--port', taken), /EADDRINUSE/);
});
