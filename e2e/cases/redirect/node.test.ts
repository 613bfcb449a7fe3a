import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkNamespace } from '../../setup/pods/network-namespace.ts';
import { CLOUD_METADATA, NODE, POD_ADDRESS } from '../../setup/pods/node-network.ts';
import { ask, askAll, openWithCloud, REFUSED, redirect, startAgent } from '../../setup/pods/node-redirect.ts';

/**
 * `podrole redirect --node` on a node with pods, in network namespaces. The cloud's own metadata service is
 * there too: no pod may ever reach it.
 */
async function setBridgeCalls(node: NetworkNamespace, calls: number): Promise<void> {
  await node.must(['', '6'].map((ip) => `sysctl -qw net.bridge.bridge-nf-call-ip${ip}tables=${calls}`));
}

test('pods get the agent, the node keeps the cloud', async (t) => {
  const network = await openWithCloud();
  const { node, cloud, pods } = network;
  for (const from of [node, ...Object.values(pods)]) assert.equal(await askAll(from), 'cloud');
  const printed = await redirect(network);
  assert.match(printed, /^redirected from all interfaces but lo, up0 to port 9921 of the node: /);

  for (const [name, pod] of Object.entries(pods))
    await t.test(`${name}: without an agent it is refused`, async () =>
      assert.equal(await askAll(pod), 'refused'),
    );
  await startAgent(network);
  for (const [name, pod] of Object.entries(pods)) {
    await t.test(`${name}: it gets the agent`, async () => assert.equal(await askAll(pod), 'agent'));
    await t.test(`${name}: other ports are refused`, async () =>
      assert.equal(await askAll(pod, CLOUD_METADATA, 443), 'refused'),
    );
  }
  await t.test('the node, and with it its host-network pods', async () => {
    assert.equal(await askAll(node), 'cloud');
    assert.equal(await askAll(node, CLOUD_METADATA, 443), 'cloud');
  });
  for (const calls of [0, 1]) {
    await t.test(`with bridge-nf-call-iptables=${calls}`, async () => {
      await setBridgeCalls(node, calls);
      assert.equal(await askAll(pods.first), 'agent');
      assert.equal(await askAll(pods.second, CLOUD_METADATA, 443), 'refused');
    });
  }
  await t.test("the agent's port is closed for everybody else", async () => {
    const own = [NODE.ipv4, NODE.ipv6];
    assert.equal(await askAll(node, [...own, '127.0.0.1', '::1', '10.244.0.1'], 9921), 'refused');
    assert.equal(await askAll(cloud, [...own, '10.244.0.1'], 9921), 'refused');
    for (const pod of Object.values(pods)) assert.equal(await askAll(pod, own, 9921), 'refused');
    assert.equal(await askAll(pods.first, ['10.244.0.1', 'fd00:244::1'], 9921), 'refused');
  });
});

/** Sends a datagram, or an echo request to port 0, and prints what comes back. */
const DATAGRAM = `
import socket as s, sys
address, port = sys.argv[1], int(sys.argv[2])
v6 = ':' in address
open('/proc/sys/net/ipv4/ping_group_range', 'w').write('0 0')
c = s.socket(s.AF_INET6 if v6 else s.AF_INET, s.SOCK_DGRAM, 0 if port else 58 if v6 else 1)
c.settimeout(20)
c.connect((address, port))
c.send(b'x' if port else bytes([128 if v6 else 8, 0, 0, 0, 0, 1, 0, 1]))
try:
  c.recv(99)
  print('answered')
except OSError as e: print(e.strerror)
`;

test('UDP and ICMP of a pod do not leave the node', async () => {
  const network = await openWithCloud();
  const pods = [network.pods.first, network.pods.routed];
  const send = async (pod: (typeof pods)[number], address: string, port: number) => {
    const { stdout, stderr } = await pod.run(['python3', '-c', DATAGRAM, address, String(port)]);
    return stdout.trim() || stderr;
  };
  for (const pod of pods)
    for (const address of CLOUD_METADATA) assert.equal(await send(pod, address, 0), 'answered');
  await redirect(network);
  for (const pod of pods)
    for (const address of CLOUD_METADATA)
      for (const port of [80, 0])
        assert.match(
          await send(pod, address, port),
          /^(No route to host|Permission denied|Host is unreachable)/,
        );
});

test('a connection that was open before the rules breaks', async () => {
  const network = await openWithCloud();
  await startAgent(network);
  const { pods, node } = network;
  const program = `import socket,sys\nc=socket.create_connection(('169.254.169.254',80),20)\nprint('open',flush=True)\nsys.stdin.readline()\nc.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')\ntry: print(c.recv(999))\nexcept OSError as e: print(e.strerror)`;
  for (const isTracked of [true, false]) {
    await redirect(network, '--undo');
    if (isTracked)
      await node.must([
        "nft 'add table ip other; add chain ip other c {type filter hook forward priority 0;}; add rule ip other c ct state new counter'",
      ]);
    const child = await pods.first.start(['python3', '-c', program]);
    await redirect(network);
    child.stdin.end('\n');
    assert.match(await child.output(), REFUSED);
  }
});

test('the rules of Services do not lead around them', async (t) => {
  const network = await openWithCloud();
  await startAgent(network);
  const { node, pods } = network;
  // With it, the kernel sends a reset without the Service's address: the pod then waits in vain.
  await setBridgeCalls(node, 0);
  const services = `
    table inet services {
      chain prerouting {
        type nat hook prerouting priority -100;
        ip daddr 10.96.0.1 tcp dport 80 dnat ip to ${NODE.ipv4}:9921
        ip daddr 10.96.0.2 tcp dport 80 dnat ip to 169.254.169.254:80
        ip6 daddr fd00:96::1 tcp dport 80 dnat ip6 to [${NODE.ipv6}]:9921
        ip6 daddr fd00:96::2 tcp dport 80 dnat ip6 to [fd00:ec2::254]:80
        ip daddr 169.254.169.254 tcp dport 80 dnat ip to 198.18.0.1:443
      }
    }`;
  assert.equal((await node.run(['nft', '-f', '-'], { stdin: services })).code, 0);
  assert.equal(await ask(pods.first, '10.96.0.1'), 'agent', 'the rules of this test work');
  assert.equal(await ask(pods.first, '10.96.0.2'), 'cloud');
  await redirect(network);
  for (const address of ['10.96.0.1', '10.96.0.2', 'fd00:96::1', 'fd00:96::2'])
    await t.test(`Service ${address}`, async () => assert.equal(await ask(pods.first, address), 'refused'));
  await t.test('an external address of a Service comes second', async () =>
    assert.equal(await ask(pods.routed, '169.254.169.254'), 'agent'),
  );
});

/** Sends the first packet of a connection from port 4242, with a source that is not the sender's. */
const FORGED_SYN = `
import socket, struct, sys
source, target, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
addresses = socket.inet_aton(source) + socket.inet_aton(target)
tcp = lambda total: struct.pack('!HHIIBBHHH', 4242, port, 1, 0, 0x50, 0x02, 1024, total, 0)
packet = tcp(checksum(addresses + struct.pack('!BBH', 0, 6, 20) + tcp(0)))
header = struct.pack('!BBHHHBBH', 0x45, 0, 40, 1, 0, 64, 6, 0) + addresses
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW).sendto(header + packet, (target, 0))
`;

/** Prints the flags of the first answer to that packet. */
const WATCH_ANSWER = `
import socket
c = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
print('ready', flush=True)
while True:
    packet = c.recv(999)
    if packet[22:24] == (4242).to_bytes(2, 'big'): break
print('syn-ack' if packet[33] == 0x12 else 'rst' if packet[33] & 4 else packet[33])
`;

test('a forged source gets no connection', async (t) => {
  const network = await openWithCloud();
  await startAgent(network);
  const { node, cloud, pods } = network;
  await node.must(['sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.cali0.rp_filter=0']);
  await redirect(network);
  const answerTo = async (from: NetworkNamespace, target: string, port: number) => {
    const watch = await pods.first.start(['python3', '-c', WATCH_ANSWER]);
    const args = [POD_ADDRESS.first.ipv4, target, String(port)];
    const { code, stderr } = await from.run(['python3', '-c', FORGED_SYN, ...args]);
    assert.equal(code, 0, stderr);
    return (await watch.output()).split('\n')[1];
  };
  await t.test('the pod itself gets one', async () =>
    assert.equal(await answerTo(pods.first, '169.254.169.254', 80), 'syn-ack'),
  );
  await t.test('a pod with another interface', async () =>
    assert.equal(await answerTo(pods.routed, '169.254.169.254', 80), 'rst'),
  );
  await t.test('another host', async () => assert.equal(await answerTo(cloud, NODE.ipv4, 9921), 'rst'));
});
