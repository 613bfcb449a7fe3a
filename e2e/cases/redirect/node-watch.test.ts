import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../../testing/wait-for.ts';
import { CLOUD_METADATA, NODE } from '../../setup/pods/node-network.ts';
import {
  ask,
  askAll,
  openWithCloud,
  REDIRECT,
  redirect,
  startAgent,
} from '../../setup/pods/node-redirect.ts';

/** Changes of other programs, each with a part of what --check says about them. */
const TAMPERINGS: readonly (readonly [name: string, commands: string, difference: RegExp])[] = [
  ['removed', 'flush ruleset', /does not exist/],
  ['emptied', 'flush table inet podrole_agent', /lacks the rule in/],
  ['a chain emptied', 'flush chain inet podrole_agent refuse', /lacks the rule in refuse: ip daddr/],
  [
    'a rule before ours',
    'insert rule inet podrole_agent input tcp dport 9921 accept',
    /lacks the rule in input: .*; it has .*accept/,
  ],
  ['a rule after ours', 'add rule inet podrole_agent admit_pod accept', /has a rule in admit_pod/],
  [
    'another chain',
    'add chain inet podrole_agent x { type nat hook prerouting priority -150; }',
    /has a chain .*: x/,
  ],
  ['a set', 'add set inet podrole_agent x { type ipv4_addr; }', /has a set that is not podrole's/],
  ['another policy', 'add chain inet podrole_agent forward { policy drop; }', /policy drop, not accept/],
];

test('--check names what another program changed, and --watch repairs it', async (t) => {
  const network = await openWithCloud();
  await startAgent(network);
  const { node, pods } = network;
  const change = async (commands: string) => {
    const { code, stderr } = await node.run(['nft', '-f', '-'], { stdin: `${commands}\n` });
    assert.equal(code, 0, stderr);
  };
  for (const [name, commands, difference] of TAMPERINGS) {
    await redirect(network);
    await redirect(network, '--check');
    await change(commands);
    await t.test(`${name}: --check`, async () => {
      const { code, stderr } = await node.run([...REDIRECT, '--check']);
      assert.equal(code, 3);
      assert.match(stderr, difference);
    });
  }
  const watch = await node.start([...REDIRECT, '--watch']);
  assert.match(watch.lines(), /loaded the rules/);
  for (const [index, [name, commands, difference]] of TAMPERINGS.entries()) {
    await t.test(`${name}: --watch`, async () => {
      await change(commands);
      const reload = new RegExp(`"reloads":${index + 1}[,}]`);
      await waitFor(() => reload.test(watch.lines()), 'a line of the watch');
      const line =
        watch
          .lines()
          .split('\n')
          .find((candidate) => reload.test(candidate)) ?? '';
      assert.match(JSON.parse(line).differences.join('\n'), difference);
      assert.equal(await askAll(pods.routed), 'agent');
    });
  }
  await t.test('a new uplink', async () => {
    await node.must([
      'ip link add up1 type veth peer name far1',
      'ip link set up1 up',
      'ip link set far1 up',
    ]);
    await node.must(['ip address add 198.18.1.2/24 dev up1', 'ip route add default dev up1 metric 9']);
    await waitFor(() => /all interfaces but lo, up0, up1/.test(watch.lines()), 'a line of the watch');
  });
  await t.test('at the end the rules stay', async () => {
    await watch.end('SIGTERM');
    assert.match(watch.lines(), /the rules stay loaded/);
    await redirect(network, '--check');
    await redirect(network, '--undo');
    assert.equal(await askAll(pods.first), 'cloud');
  });
});

test('the agent proves the rules without any right', async () => {
  const network = await openWithCloud();
  await startAgent(network);
  const file = fileURLToPath(new URL('../../../redirect/node/prove-rules.ts', import.meta.url));
  const program = `import { proveRules } from '${file}'; console.log(JSON.stringify(await proveRules(9921)));`;
  const asNobody = ['setpriv', '--reuid=65532', '--clear-groups', '--inh-caps=-all', '--bounding-set=-all'];
  const prove = async () => {
    const command = [...asNobody, process.execPath, '--input-type=module', '-e', program];
    const { stdout, stderr } = await network.node.run(command);
    assert.equal(stderr, '');
    return JSON.parse(stdout);
  };
  assert.equal((await prove()).length, 1);
  await redirect(network);
  assert.deepEqual(await prove(), []);
  await redirect(network, '--undo');
  assert.equal((await prove()).length, 1);
});

test('networks that are not so simple', async (t) => {
  const network = await openWithCloud();
  await startAgent(network);
  const { node, pods } = network;
  await t.test('interfaces of pods that are given', async () => {
    const args = ['--pod-interface', 'cali*,cni0'];
    assert.match(await redirect(network, ...args), /from interfaces cali\*, cni0 /);
    await redirect(network, '--check', ...args);
    for (const pod of Object.values(pods)) {
      assert.equal(await askAll(pod), 'agent');
      assert.equal(await askAll(pod, CLOUD_METADATA, 443), 'refused');
    }
    const { stderr } = await node.run([...REDIRECT, '--pod-interface', 'u*']);
    assert.match(stderr, /--pod-interface: is u\*, which fits up0 too/);
  });
  await t.test('a node without an IPv6 address refuses IPv6', async () => {
    await node.must([`ip address del ${NODE.ipv6}/64 dev up0`]);
    const { stderr } = await node.run(REDIRECT);
    assert.match(stderr, /the node has no IPv6 address/);
    assert.equal(await askAll(pods.first, CLOUD_METADATA.slice(0, 3)), 'agent');
    assert.equal(await askAll(pods.first, CLOUD_METADATA.slice(3)), 'refused');
  });
  await t.test('without a default route it asks for an address of the node', async () => {
    await node.must(['ip -4 route del default', 'ip -6 route flush exact ::/0']);
    const { code, stderr } = await node.run(REDIRECT);
    assert.equal(code, 3);
    assert.match(stderr, /UPLINK_UNKNOWN/);
    await redirect(network, '--node-address', NODE.ipv4);
    assert.equal(await ask(pods.routed, '169.254.170.2'), 'agent');
  });
  await t.test('without IPv6 in the kernel', async () => {
    await node.must(['sysctl -qw net.ipv6.conf.all.disable_ipv6=1']);
    await redirect(network, '--node-address', NODE.ipv4);
    assert.equal(await ask(pods.first, '169.254.169.254'), 'agent');
  });
});
