import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../../testing/wait-for.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { type CommandResult, runCommand, succeed } from '../../cluster/run-command.ts';
import { askingPodSpec } from '../../setup/agent/agent-pods.ts';
import { AGENT_PORT, runInPod } from '../../setup/agent/asking-pods.ts';
import { NAMESPACE, startChurnSite } from '../../setup/agent/churn-site.ts';
import { FORGE, STEAL } from '../../setup/agent/stranger-scripts.ts';
import { createPod, podsIn, readPod, type StoredPod } from '../../setup/pods/pods.ts';
import type { RunningPod } from '../../setup/pods/running-pods.ts';

/**
 * Only pods of the node get something from the agent, and only by the redirect. The
 * node has a metadata service of its own, which stays as it is for the node and for pods on its network.
 */
const LISTENER = fileURLToPath(new URL('../../setup/proxies/named-listener.ts', import.meta.url));
const METADATA = ['169.254.169.254', '169.254.170.2', '169.254.170.23'];
const OWN = 'service of the node';
const NOTHING = 'nothing';
const POD_RANGE_GATEWAY = '10.244.0.1';
const CREDENTIALS = '/latest/meta-data/iam/security-credentials/';

const site = await startChurnSite({ roles: 2, podNetwork: { type: 'bridge', addresses: 20 } });
const { cluster, node, collector } = site;
after(() => site.stop());
for (const address of METADATA) {
  await succeed('address', node.run(['ip', 'address', 'add', `${address}/32`, 'dev', 'lo']));
}
node.start('metadata', process.execPath, [LISTENER, OWN, '0', ...METADATA.map((address) => `${address} 80`)]);
const agent = await site.startAgent();
after(() => agent.stop('SIGKILL'));
const [first, second] = site.accounts;
assert.ok(first?.role && second?.role);

const victim = await start(first.name, first.role);
const address = await addressOf(victim);
const served = await collector.waitFor(victim.metadata.uid, ({ key }) => key !== undefined, 60_000);
assert.ok(served, 'the pod gets its credentials');

async function start(account: string, role: string | undefined, more: object = {}): Promise<StoredPod> {
  const spec = askingPodSpec({ role, collector: collector.address, node: node.name });
  return createPod(cluster, NAMESPACE, account, { name: `${account}-pod`, spec: { ...spec, ...more } });
}

async function addressOf({ metadata }: StoredPod): Promise<string> {
  const read = async () =>
    ((await readPod(cluster, metadata.namespace, metadata.name)) as RunningPod).status.podIP;
  return waitFor(read, `address of ${metadata.name}`);
}

type Run = (command: readonly string[]) => Promise<CommandResult>;

/** Returns the answer to a request, or that there was none. */
async function ask(run: Run, host: string, port = 80, path = CREDENTIALS): Promise<string> {
  const { code, stdout } = await run(['curl', '-s', '--max-time', '3', `http://${host}:${port}${path}`]);
  return code === 0 ? stdout : NOTHING;
}

const onTheNode: Run = (command) => node.run(command);
/** The network namespace of the test is another host of the node's network. */
const onAnotherHost: Run = ([program = '', ...args]) => runCommand(program, args);
const inVictim: Run = (command) => runInPod(node, victim.metadata.uid, command);

test('the pod itself is served, by the redirect alone', async () => {
  assert.equal(await ask(inVictim, '169.254.169.254'), first.role?.replace(/^.*\//, ''));
  for (const host of [node.address, POD_RANGE_GATEWAY])
    assert.equal(await ask(inVictim, host, AGENT_PORT), NOTHING);
});

test('the node keeps its own metadata service, and gets nothing from the agent', async () => {
  for (const host of METADATA) assert.equal(await ask(onTheNode, host), OWN);
  for (const host of ['127.0.0.1', node.address, POD_RANGE_GATEWAY])
    assert.equal(await ask(onTheNode, host, AGENT_PORT), NOTHING);
});

test('a pod on the network of the node is not served', async () => {
  const pod = await start(second.name, second.role, { hostNetwork: true });
  const { uid } = pod.metadata;
  const reached = await collector.waitFor(uid, ({ kind, status }) => kind === 'role' && status > 0, 60_000);
  // What answers is the service of the node, which has no credentials.
  assert.ok(reached || collector.answersTo(uid).length > 0);
  assert.deepEqual(
    collector.answersTo(uid).filter(({ key }) => key),
    [],
  );
  await expectSuccess(cluster, 'DELETE', `${podsIn(NAMESPACE)}/${pod.metadata.name}?gracePeriodSeconds=0`);
});

test('another host gets nothing, neither from the port nor from the metadata addresses', async (t) => {
  assert.equal(await ask(onAnotherHost, node.address, AGENT_PORT), NOTHING);
  const route = ['169.254.0.0/16', 'via', node.address];
  await succeed('route', runCommand('ip', ['route', 'add', ...route]));
  t.after(() => runCommand('ip', ['route', 'del', ...route]));
  for (const host of METADATA) assert.doesNotMatch(await ask(onAnotherHost, host), /churn-role/);
});

test('a forged source brings nothing to its sender', async (t) => {
  const forge = (target: string, port: number) => ['python3', '-c', FORGE, address, target, String(port)];
  const thief = await start('none-0', undefined);
  await addressOf(thief);
  const inThief: Run = (command) => runInPod(node, thief.metadata.uid, command);
  const route = ['169.254.0.0/16', 'via', node.address];
  await succeed('route', runCommand('ip', ['route', 'add', ...route]));
  t.after(() => runCommand('ip', ['route', 'del', ...route]));
  for (const run of [inThief, onAnotherHost]) {
    for (const [target, port] of [['169.254.169.254', 80] as const, [node.address, AGENT_PORT] as const]) {
      assert.equal((await succeed('forgery', run(forge(target, port)))).trim(), '0');
    }
  }
});

test('a pod that takes the address of another one does not get its role', async (t) => {
  const thief = await start('none-1', undefined);
  await addressOf(thief);
  // A new sysfs, which shows the interfaces of the pod.
  const inThief: Run = (command) =>
    runInPod(node, thief.metadata.uid, [
      ...['unshare', '--mount', 'sh', '-euc', 'mount -t sysfs sysfs /sys; exec "$@"', 'sh'],
      ...command,
    ]);
  await succeed('theft', inThief(['ip', 'address', 'add', `${address}/32`, 'dev', 'eth0']));
  const stealing = inThief(['python3', '-c', STEAL, address, '169.254.169.254', CREDENTIALS]);
  const answers = await succeed('theft', stealing);
  for (const answer of new Set(answers.trim().split('\n'))) t.diagnostic(answer.slice(0, 200));
  assert.doesNotMatch(answers, /churn-role/);
});
