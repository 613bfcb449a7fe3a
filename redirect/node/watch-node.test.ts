import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readSettings } from '../../lib/settings/settings.ts';
import { assertFaults } from '../../testing/faults.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import type { NftResult, RunNft } from '../nft-command.ts';
import { redirectSettings } from '../settings.ts';
import type { NodeInterface } from './node-network.ts';
import { type NodeRedirectSurroundings, runNodeRedirect } from './run-node-redirect.ts';
import { watchNode } from './watch-node.ts';

const testdata = (name: string) => readFileSync(new URL(`../testdata/${name}`, import.meta.url), 'utf8');
const [RULESET, LISTING] = [testdata('node.nft'), testdata('node-listing.json')];
const DOCKER_RULESET = testdata('docker.nft');
const ABSENT = { ok: false, stderr: 'Error: No such file or directory\n' } as const;
const NO_FIB = {
  ok: false,
  stderr: '/dev/stdin:37:5-33: Error: Could not process rule: No such file or directory\n',
} as const;
const DENIED = {
  ok: false,
  stderr: 'netlink: Error: cache initialization failed: Operation not permitted\n',
} as const;
const UPLINK: NodeInterface = {
  name: 'eth0',
  addresses: ['198.18.0.2', 'fd00:9::2'],
  hasDefaultRoute: true,
  isHardware: false,
};
const FIB = 'fib saddr . iif oif != 0 ';

/** A kernel that holds at most one table, and lists it as nft 1.0.6 does. */
function openKernel() {
  const kernel = { table: '', failure: undefined as NftResult | undefined, hasFib: true, loads: 0 };
  const list = (): NftResult => {
    if (kernel.table === '') return ABSENT;
    const fib = /\{"match": \{"op": "!=".*?\}\}, (?=\{"accept)/;
    const listing = LISTING.replaceAll(
      '"eth0"',
      /iifname "(eth0|up0)"/.exec(kernel.table)?.[0].slice(8) ?? '',
    );
    return { ok: true, stdout: kernel.table.includes(FIB) ? listing : listing.replace(fib, '') };
  };
  const nft: RunNft = (args, stdin = '') => {
    if (kernel.failure) return kernel.failure;
    if (args[0] !== '-f') return list();
    if (stdin.includes('fib') && !kernel.hasFib) return NO_FIB;
    kernel.table = stdin.includes('chain') ? stdin : '';
    kernel.loads += 1;
    return { ok: true, stdout: '' };
  };
  return Object.assign(kernel, { nft });
}

const settingsOf = (given: Readonly<Record<string, unknown>>) =>
  readSettings(redirectSettings, { node: true, ...given }, {});

function start(given: Readonly<Record<string, unknown>> = {}, kernel = openKernel()) {
  const time = createVirtualTime();
  const { logger, text } = collectLog();
  const stop = new AbortController();
  const node = { interfaces: [UPLINK] as readonly NodeInterface[] };
  const ended = watchNode(settingsOf({ watch: true, ...given }), {
    nft: kernel.nft,
    namespace: { isMachines: true, hasIpv6: true },
    interfaces: () => node.interfaces,
    logger,
    clock: time.clock(),
    signal: stop.signal,
  });
  const lines = (): Record<string, unknown>[] =>
    text()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { kernel, time, node, lines, ended, stop };
}

test('the rules are loaded once, kept, and stay at the end', async () => {
  const { kernel, time, lines, ended, stop } = start();
  assert.equal(kernel.table, RULESET);
  await time.pass(10_000);
  assert.equal(kernel.loads, 1);
  stop.abort();
  await ended;
  assert.equal(kernel.table, RULESET);
  assert.deepEqual(
    lines().map(({ msg }) => msg),
    ['loaded the rules', 'stopped; the rules stay loaded'],
  );
  assert.equal(lines()[0]?.['pods'], 'all interfaces but lo, eth0');
});

test('rules that are there already are not loaded again', () => {
  const kernel = openKernel();
  kernel.table = RULESET;
  const { lines } = start({}, kernel);
  assert.equal(kernel.loads, 0);
  assert.equal(lines()[0]?.['msg'], 'the rules are loaded');
});

test('removed rules are loaded again within a second, and counted', async () => {
  const { kernel, time, lines } = start();
  for (const count of [1, 2]) {
    kernel.table = '';
    await time.pass(1_000);
    assert.equal(kernel.table, RULESET);
    const { level, reloads, differences } = lines().at(-1) ?? {};
    assert.deepEqual([level, reloads, differences], ['warn', count, ['does not exist']]);
  }
});

test('a new name of the uplink changes the rules, and does not count as a fault', async () => {
  const { kernel, time, node, lines } = start();
  node.interfaces = [{ ...UPLINK, name: 'up0' }];
  await time.pass(1_000);
  assert.match(kernel.table, /iifname "up0" return/);
  const { level, msg } = lines().at(-1) ?? {};
  assert.deepEqual([level, msg], ['info', 'loaded the rules for the changed network']);
});

test('a fault later is logged once, and tried again', async () => {
  const { kernel, time, node, lines } = start();
  node.interfaces = [];
  await time.pass(5_000);
  kernel.failure = DENIED;
  node.interfaces = [UPLINK];
  await time.pass(5_000);
  kernel.failure = undefined;
  kernel.table = '';
  await time.pass(1_000);
  assert.equal(kernel.table, RULESET);
  assert.deepEqual(
    lines().map(({ level }) => level),
    ['info', 'error', 'error', 'warn', 'info'],
  );
});

test('a fault at the start ends it', async () => {
  const kernel = openKernel();
  kernel.failure = DENIED;
  await assert.rejects(start({}, kernel).ended, /NET_ADMIN/);
});

/** Runs it without --watch. */
function run(given: Readonly<Record<string, unknown>>, kernel = openKernel(), hasIpv6 = true) {
  const printed = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') =>
    ({ write: (text: string) => (printed[name] += text) }) as unknown as NodeRedirectSurroundings['stdout'];
  runNodeRedirect(settingsOf(given), {
    nft: kernel.nft,
    namespace: { isMachines: true, hasIpv6 },
    interfaces: () => [UPLINK],
    stdout: into('stdout'),
    stderr: into('stderr'),
  });
  return printed;
}

test('one run loads, checks, prints or removes', () => {
  const kernel = openKernel();
  assert.equal(run({ print: true }, kernel).stdout, RULESET);
  assert.throws(() => run({ check: true }, kernel), /table inet podrole_agent: does not exist/);
  assert.equal(kernel.loads, 0);
  assert.equal(
    run({}, kernel).stdout,
    'redirected from all interfaces but lo, eth0 to port 9921 of the node: 169.254.169.254, 169.254.170.2, 169.254.170.23, fd00:ec2::254, fd00:ec2::23\n',
  );
  assert.deepEqual(JSON.parse(run({ check: true, output: 'json' }, kernel).stdout), {
    table: 'inet podrole_agent',
    state: 'loaded',
    port: 9921,
    addresses: ['169.254.169.254', '169.254.170.2', '169.254.170.23', 'fd00:ec2::254', 'fd00:ec2::23'],
    nodeAddresses: ['198.18.0.2', 'fd00:9::2'],
    pods: { kind: 'all-but', names: ['lo', 'eth0'] },
    checksSource: true,
  });
  run({ undo: true }, kernel);
  assert.equal(kernel.table, '');
});

test('the same for the containers of a Docker host', () => {
  const kernel = openKernel();
  const docker = { node: false, docker: true };
  assert.throws(
    () => run({ ...docker, check: true }, kernel),
    /table inet podrole_docker: does not exist; run podrole redirect --docker, which/,
  );
  assert.equal(run({ ...docker, print: true }, kernel).stdout, DOCKER_RULESET);
  assert.throws(() => run(docker, kernel), /NFT_LISTING|table inet podrole_docker/);
  assert.equal(kernel.table, DOCKER_RULESET);
  assert.equal(
    run({ ...docker, undo: true }, kernel).stdout,
    'removed: this network namespace has no table inet podrole_docker\n',
  );
  assert.equal(kernel.table, '');
});

test('a kernel without nft_fib_inet gets the other rules, and a note each time', () => {
  const kernel = Object.assign(openKernel(), { hasFib: false });
  for (const given of [{}, { check: true }])
    assert.match(run(given, kernel).stderr, /^note: the kernel cannot look up routes in rules/);
  assert.equal(kernel.table, RULESET.replace(FIB, ''));
});

const EXCLUDED: readonly (readonly [given: Readonly<Record<string, unknown>>, fault: RegExp])[] = [
  [{ watch: true, check: true }, /--check: excludes --watch/],
  [{ watch: true, undo: true }, /--undo: excludes --watch/],
  [{ hostNetwork: true }, /--node: excludes --host-network/],
  [{ docker: true }, /--node: excludes --docker/],
  [{ node: false, docker: true, hostNetwork: true }, /--docker: excludes --host-network/],
  [{ node: false, watch: true }, /--watch: needs --node or --docker/],
  [{ containerInterface: 'docker0' }, /--container-interface: needs --docker/],
  [{ node: false, docker: true, podInterface: 'cni0' }, /--pod-interface: needs --node/],
  [{ node: false, podInterface: 'cni0' }, /--pod-interface: needs --node/],
  [{ node: false, nodeAddress: '192.0.2.1' }, /--node-address: needs --node/],
];

for (const [given, fault] of EXCLUDED)
  test(`excluded: ${JSON.stringify(given)}`, () => assertFaults(() => run(given), [fault]));
