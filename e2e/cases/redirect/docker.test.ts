import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import {
  addNetwork,
  BRIDGES,
  type DockerNetwork,
  HOST,
  openDockerNetwork,
  setDefaultRoutes,
} from '../../setup/pods/docker-network.ts';
import { CLOUD_METADATA } from '../../setup/pods/node-network.ts';
import { askAll, REDIRECT, REDIRECT_DOCKER } from '../../setup/pods/node-redirect.ts';

/**
 * `podrole redirect --docker` on a host with containers, in network namespaces. The cloud's own metadata
 * service is there too: no container may ever reach it.
 */
async function open(): Promise<DockerNetwork> {
  const network = await openDockerNetwork();
  after(() => network.close());
  await network.cloud.listen(
    'cloud',
    CLOUD_METADATA.flatMap((address) => [`${address} 80`, `${address} 443`]),
  );
  return network;
}

/** A stand-in of `podrole docker`. */
const startPodrole = ({ host }: DockerNetwork) => host.listen('podrole', ['0.0.0.0 9931', ':: 9931']);

async function redirect({ host }: DockerNetwork, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host.run([...REDIRECT_DOCKER, ...args]);
  assert.equal(code, 0, stderr);
  return stdout;
}

const tablesOf = async ({ host }: DockerNetwork) => await host.must(['nft list tables']);

test('containers get podrole, the host keeps the cloud', async (t) => {
  const network = await open();
  const { host, cloud, containers } = network;
  const before = await tablesOf(network);
  for (const from of [host, ...Object.values(containers)]) assert.equal(await askAll(from), 'cloud');
  assert.match(
    await redirect(network),
    /^redirected from all interfaces but lo, up0 to port 9931 of the host: /,
  );
  for (const [name, container] of Object.entries(containers))
    await t.test(`${name}: without podrole it is refused`, async () =>
      assert.equal(await askAll(container), 'refused'),
    );
  await startPodrole(network);
  for (const [name, container] of Object.entries(containers)) {
    await t.test(`${name}: it gets podrole`, async () => assert.equal(await askAll(container), 'podrole'));
    await t.test(`${name}: other ports are refused`, async () =>
      assert.equal(await askAll(container, CLOUD_METADATA, 443), 'refused'),
    );
  }
  await t.test('the host, and with it containers on its network', async () => {
    assert.equal(await askAll(host), 'cloud');
    assert.equal(await askAll(host, CLOUD_METADATA, 443), 'cloud');
  });
  for (const calls of [1, 0]) {
    await t.test(`with bridge-nf-call-iptables=${calls}`, async () => {
      await host.must(['', '6'].map((ip) => `sysctl -qw net.bridge.bridge-nf-call-ip${ip}tables=${calls}`));
      assert.equal(await askAll(containers.docker0), 'podrole');
      assert.equal(await askAll(containers['br-shop'], CLOUD_METADATA, 443), 'refused');
    });
  }
  await t.test("podrole's port is closed for everybody else", async () => {
    const own = [HOST, ...Object.values(BRIDGES)].flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]);
    assert.equal(await askAll(host, [...own, '127.0.0.1', '::1'], 9931), 'refused');
    assert.equal(await askAll(cloud, own, 9931), 'refused');
    for (const container of Object.values(containers))
      assert.equal(await askAll(container, own, 9931), 'refused');
  });
  await t.test('--undo leaves nothing', async () => {
    await redirect(network, '--undo');
    assert.equal(await tablesOf(network), before);
    assert.equal(await askAll(containers.docker0), 'cloud');
  });
});

test('the network of the host comes and goes', async (t) => {
  const network = await open();
  await startPodrole(network);
  const { host, containers } = network;
  const expectPodrole = async () => {
    await redirect(network, '--check');
    for (const container of Object.values(containers)) assert.equal(await askAll(container), 'podrole');
  };
  await t.test('no default route when the rules are loaded', async () => {
    await host.must(['ip -4 route del default', 'ip -6 route flush exact ::/0']);
    assert.match(await redirect(network), /^redirected from all interfaces but lo to port 9931/);
    await expectPodrole();
  });
  await t.test('the uplink goes down, and loses its addresses', async () => {
    await setDefaultRoutes(host);
    await redirect(network);
    await host.must(['ip link set up0 down', 'ip address flush dev up0']);
    for (const container of Object.values(containers)) assert.equal(await askAll(container), 'podrole');
    await redirect(network);
    await expectPodrole();
  });
  await t.test('nothing is forwarded, and another container publishes the port', async () => {
    const published = ['ip nat DOCKER tcp dport 9931 dnat to 172.18.0.9:80', 'ip filter DOCKER-USER drop'];
    await host.must(published.map((rule) => `nft 'insert rule ${rule}'`));
    await expectPodrole();
  });
  await t.test('a bridge without an IPv6 address gives no answer', async () => {
    await host.must(['ip -6 address flush dev docker0']);
    assert.equal(await askAll(containers.docker0, CLOUD_METADATA.slice(0, 3)), 'podrole');
    const curl = ['curl', '-s', '--max-time', '2', 'http://[fd00:ec2::254]/'];
    assert.equal((await containers.docker0.run(curl)).stdout, '');
  });
});

test('--watch keeps the rules, and a network that is made later needs no new ones', async (t) => {
  const network = await open();
  await startPodrole(network);
  const { host, containers } = network;
  const watch = await host.start([...REDIRECT_DOCKER, '--watch']);
  assert.match(watch.lines(), /loaded the rules/);
  assert.equal(await askAll(containers.docker0), 'podrole');
  await t.test('a new bridge', async () => {
    const container = await addNetwork(host, 'br-new');
    after(() => container.close());
    assert.equal(await askAll(container), 'podrole');
    assert.equal(await askAll(container, CLOUD_METADATA, 443), 'refused');
  });
  for (const [index, commands] of ['flush ruleset', 'flush table inet podrole_docker'].entries()) {
    await t.test(commands, async () => {
      await host.must([`nft ${commands}`]);
      await waitFor(() => watch.lines().includes(`"reloads":${index + 1}`), 'a line of the watch');
      for (const container of Object.values(containers)) assert.equal(await askAll(container), 'podrole');
    });
  }
  await t.test('at the end the rules stay', async () => {
    await watch.end('SIGTERM');
    assert.match(watch.lines(), /the rules stay loaded/);
    await redirect(network, '--check');
  });
});

test('interfaces of containers that are given', async () => {
  const network = await open();
  await startPodrole(network);
  const { host, containers } = network;
  const args = ['--container-interface', 'docker*'];
  assert.match(await redirect(network, ...args), /from interfaces docker\* /);
  await redirect(network, '--check', ...args);
  assert.equal(await askAll(containers.docker0), 'podrole');
  assert.equal(await askAll(containers['br-shop']), 'cloud', 'the page warns of this');
  const { stderr } = await host.run([...REDIRECT_DOCKER, '--container-interface', 'u*']);
  assert.match(stderr, /--container-interface: is u\*, which fits up0 too/);
});

test('the tables of a node and of a Docker host on one machine', async (t) => {
  const network = await open();
  const { host, containers } = network;
  await startPodrole(network);
  await host.listen('agent', ['0.0.0.0 9921', ':: 9921']);
  const redirectNode = async (...args: readonly string[]) => {
    const { code, stderr } = await host.run([...REDIRECT, ...args]);
    assert.equal(code, 0, stderr);
  };
  await t.test('with names, each has its own', async () => {
    await redirectNode('--pod-interface', 'br-shop');
    await redirect(network, '--container-interface', 'docker0');
    assert.equal(await askAll(containers['br-shop']), 'agent');
    assert.equal(await askAll(containers.docker0), 'podrole');
    assert.equal(await askAll(host), 'cloud');
  });
  await t.test('without names, the last one gets all, and nobody the cloud', async () => {
    await redirect(network, '--undo');
    await redirectNode();
    await redirect(network);
    await redirectNode('--check');
    await redirect(network, '--check');
    for (const container of Object.values(containers)) {
      assert.equal(await askAll(container), 'podrole');
      assert.equal(await askAll(container, CLOUD_METADATA, 443), 'refused');
      for (const port of [9921, 9931])
        assert.equal(await askAll(container, [HOST.ipv4, HOST.ipv6], port), 'refused');
    }
    assert.equal(await askAll(host), 'cloud');
  });
  await t.test('one is removed, and the other stays', async () => {
    await redirect(network, '--undo');
    await redirectNode('--check');
    for (const container of Object.values(containers)) assert.equal(await askAll(container), 'agent');
  });
});
