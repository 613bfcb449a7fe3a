import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { asArray, asObject } from '../../../lib/json/json.ts';
import { openPodNetwork, type PodNetwork } from '../../setup/pods/pod-network.ts';

/**
 * `podrole redirect` in a network namespace like a pod's, with a node that answers on the metadata addresses
 * itself.
 */
const METADATA = ['169.254.169.254', '169.254.170.2', 'fd00:ec2::254'];
const SIDECAR_USER_ID = 65_532;
const [bundle, sidecarBundle] = ['podrole.js', 'sidecar.js'].map((file) =>
  fileURLToPath(new URL(`../../../dist/${file}`, import.meta.url)),
);
assert.ok(bundle && sidecarBundle);
const REDIRECT = [process.execPath, bundle, 'redirect'];
/** The privileges of the init container: root with only this capability. */
const ONLY = (capability: string) => [
  'setpriv',
  '--no-new-privs',
  `--inh-caps=-all${capability}`,
  `--bounding-set=-all${capability}`,
];

async function open(): Promise<PodNetwork> {
  const pod = await openPodNetwork(METADATA);
  after(() => pod.close());
  const node = METADATA.flatMap((address) => [`${address} 80`, `${address} 443`]);
  await pod.listen('node', 'node', node);
  return pod;
}

/** Returns the name of the server that answers. */
async function ask(pod: PodNetwork, address: string, port = 80): Promise<string> {
  const host = address.includes(':') ? `[${address}]` : address;
  const { stdout, stderr } = await pod.run(['curl', '-sS', '--max-time', '20', `http://${host}:${port}/`]);
  return stdout || stderr;
}

const askAll = (pod: PodNetwork, addresses: readonly string[], port?: number) =>
  Promise.all(addresses.map((address) => ask(pod, address, port)));

async function redirect(pod: PodNetwork, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await pod.run([...REDIRECT, ...args]);
  assert.equal(code, 0, stderr);
  return stdout;
}

const threeTimes = (name: string) => [name, name, name];

test('only the metadata addresses lead to the sidecar', async (t) => {
  const pod = await open();
  const own = ['127.0.0.1', '::1', pod.addresses.ipv4, pod.addresses.ipv6];
  await pod.listen('pod', 'sidecar', ['127.0.0.1 9911', '::1 9911'], SIDECAR_USER_ID);
  assert.deepEqual(await askAll(pod, METADATA), threeTimes('node'));

  const { code, stderr } = await pod.run([...ONLY(',+net_admin'), ...REDIRECT]);
  assert.equal(code, 0, stderr);
  await t.test('all three', async () => assert.deepEqual(await askAll(pod, METADATA), threeTimes('sidecar')));
  await t.test('their other ports still lead to the node', async () =>
    assert.deepEqual(await askAll(pod, METADATA, 443), threeTimes('node')),
  );
  await t.test('port 80 is free for the app', async () => {
    await pod.listen('pod', 'app', ['0.0.0.0 80', ':: 80']);
    assert.deepEqual(await askAll(pod, own), ['app', 'app', 'app', 'app']);
    assert.deepEqual(await askAll(pod, METADATA), threeTimes('sidecar'));
  });
  await t.test('without the rules the addresses lead to the node again', async () => {
    await redirect(pod, '--undo');
    assert.deepEqual(await askAll(pod, METADATA), threeTimes('node'));
    await redirect(pod, '--undo');
  });
});

test('the IPv4 addresses lead to the sidecar in a pod without IPv6', async () => {
  const pod = await open();
  const { code, stderr } = await pod.run(['sh', '-c', 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6']);
  assert.equal(code, 0, stderr);
  await pod.listen('pod', 'sidecar', ['127.0.0.1 9911']);
  await redirect(pod);
  assert.deepEqual(await askAll(pod, METADATA.slice(0, 2)), ['sidecar', 'sidecar']);
});

test('an app on port 80 of only loopback stays reachable', async () => {
  const pod = await open();
  await pod.listen('pod', 'sidecar', ['127.0.0.1 9911', '::1 9911'], SIDECAR_USER_ID);
  await pod.listen('pod', 'app', ['127.0.0.1 80', '::1 80']);
  await redirect(pod);
  assert.deepEqual(await askAll(pod, ['127.0.0.1', '::1']), ['app', 'app']);
  assert.deepEqual(await askAll(pod, METADATA), threeTimes('sidecar'));
});

test('open connections are not redirected: the redirect must run before the containers', async (t) => {
  const script = `exec 3<>/dev/tcp/169.254.169.254/80; "$@" >&2; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; tail -n 1 <&3`;
  const askAcross = async (pod: PodNetwork) => {
    await pod.listen('pod', 'sidecar', ['127.0.0.1 9911', '::1 9911']);
    const { stdout, stderr } = await pod.run(['bash', '--norc', '-c', script, 'bash', ...REDIRECT]);
    assert.match(stderr, /redirected/);
    assert.equal(await ask(pod, '169.254.169.254'), 'sidecar');
    return stdout;
  };
  await t.test('it keeps its destination if the kernel tracks it', async () => {
    const pod = await open();
    const stdin =
      'add table ip filter\nadd chain ip filter INPUT\nadd rule ip filter INPUT ct state established accept\n';
    assert.equal((await pod.run(['nft', '-f', '-'], { stdin })).code, 0);
    assert.equal(await askAcross(pod), 'node');
  });
  await t.test('it breaks if the kernel does not track it', async () => {
    assert.equal(await askAcross(await open()), '');
  });
});

test('a second run with either bundle changes nothing, and another port replaces the first', async () => {
  const pod = await open();
  const list = async () => (await pod.run(['nft', 'list', 'ruleset'])).stdout;
  await redirect(pod);
  const once = await list();
  await redirect(pod);
  assert.equal(await list(), once);
  await redirect(pod, '--port', '9912');
  assert.equal(await list(), once.replaceAll(':9911', ':9912'));
  const { code, stderr } = await pod.run([process.execPath, sidecarBundle, 'redirect']);
  assert.equal(code, 0, stderr);
  assert.equal(await list(), once);
});

test('--print shows exactly what is loaded, and loads nothing', async () => {
  const pod = await open();
  const printed = await redirect(pod, '--print');
  assert.equal((await pod.run(['nft', 'list', 'ruleset'])).stdout, '');
  assert.equal((await pod.run(['nft', '-f', '-'], { stdin: printed })).code, 0);
  await redirect(pod, '--check');
});

test('rules of other programs stay', async () => {
  const pod = await open();
  const mesh =
    'table ip nat { chain OUTPUT { type nat hook output priority -100; tcp dport 80 redirect to :15001; }; }';
  assert.equal((await pod.run(['nft', '-f', '-'], { stdin: mesh.replaceAll(';', ';\n') })).code, 0);
  const list = async () => (await pod.run(['nft', 'list', 'table', 'ip', 'nat'])).stdout;
  const before = await list();
  assert.match(before, /15001/);
  await pod.listen('pod', 'sidecar', ['127.0.0.1 9911', '::1 9911']);
  await pod.listen('pod', 'mesh', ['127.0.0.1 15001']);
  assert.equal(await ask(pod, '169.254.169.254'), 'mesh');
  await redirect(pod);
  assert.equal(await ask(pod, '169.254.169.254'), 'sidecar', 'it comes before the mesh');
  assert.equal(await ask(pod, pod.addresses.ipv4), 'mesh');
  await redirect(pod, '--undo');
  assert.equal(await list(), before);
});

test('missing requirements are named', async (t) => {
  const pod = await open();
  const codesOf = async (command: readonly string[], options?: { path: string }) => {
    const { code, stdout, stderr } = await pod.run([...command, '-o', 'json'], options);
    assert.equal(code, 3);
    assert.equal(stdout, '');
    return asArray(asObject(JSON.parse(stderr))?.['errors'])?.map((error) => asObject(error)?.['code']);
  };
  for (const args of [[], ['--undo'], ['--check']]) {
    await t.test(`redirect ${args.join(' ')}`, async () => {
      const command = [...REDIRECT, ...args];
      assert.deepEqual(await codesOf([...ONLY(''), ...command]), ['NO_NET_ADMIN']);
      const asUser = ['setpriv', '--reuid=65532', '--clear-groups', '--inh-caps=-all'];
      assert.deepEqual(await codesOf([...asUser, ...command]), ['NO_NET_ADMIN']);
      assert.deepEqual(await codesOf(command, { path: '/nonexistent' }), ['NFT_NOT_FOUND']);
    });
  }
  assert.equal((await pod.run(['nft', 'list', 'ruleset'])).stdout, '', 'nothing is loaded');
});

interface Recording {
  readonly name: string;
  readonly tampering: string;
  readonly differences: readonly string[];
}

test('a changed table is detected, and repaired by another run', async (t) => {
  const file = new URL('../../../redirect/testdata/listings.json', import.meta.url);
  const recordings: readonly Recording[] = JSON.parse(readFileSync(file, 'utf8'));
  const pod = await open();
  // Versions of nft print the rules of other programs differently.
  const withoutRule = (difference: unknown) => String(difference).replace(/: \[.*/, '');
  for (const { name, tampering, differences } of recordings) {
    await t.test(name, async () => {
      await redirect(pod);
      const loaded = await pod.run(['nft', '-f', '-'], { stdin: `${tampering}\n` });
      assert.equal(loaded.code, 0, loaded.stderr);
      const { code, stderr } = await pod.run([...REDIRECT, '--check', '-o', 'json']);
      assert.equal(code, tampering === '' ? 0 : 3);
      const errors = code === 0 ? [] : asArray(asObject(JSON.parse(stderr))?.['errors']);
      const found = errors?.map((error) => withoutRule(asObject(error)?.['problem']));
      assert.deepEqual(found, differences.map(withoutRule));
    });
  }
  await t.test('a table that sleeps', async () => {
    await redirect(pod);
    const stdin = 'table inet podrole { flags dormant; }\n';
    assert.equal((await pod.run(['nft', '-f', '-'], { stdin })).code, 0);
    const { code, stderr } = await pod.run([...REDIRECT, '--check']);
    assert.equal(code, 3);
    assert.match(stderr, /inet podrole/);
  });
  await redirect(pod);
  await redirect(pod, '--check');
});
