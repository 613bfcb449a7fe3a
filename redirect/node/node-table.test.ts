import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type NodeTableOptions, nodeChains, renderNodeTable } from './node-table.ts';
import { CONTAINERS, PODS } from './workloads.ts';

const file = new URL('../testdata/node.nft', import.meta.url);
const OPTIONS: NodeTableOptions = {
  workloads: PODS,
  port: 9921,
  hasIpv6: true,
  checksSource: true,
  network: {
    interfaces: { kind: 'all-but', names: ['lo', 'eth0'] },
    addresses: { ip: '198.18.0.2', ip6: 'fd00:9::2' },
  },
};
const render = (options: Partial<NodeTableOptions> = {}) =>
  renderNodeTable(PODS, nodeChains({ ...OPTIONS, ...options }));

test('the rules of a node, as nft -f takes them', () => {
  const rendered = render();
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, rendered);
  assert.equal(rendered, readFileSync(file, 'utf8'));
});

test('a kernel without IPv6 gets no rule for it', () => {
  const expected = render().replace(/^.*ip6.*\n/gm, '');
  assert.equal(render({ hasIpv6: false }), expected);
  assert.doesNotMatch(expected, /ip6/);
});

test('a node without an IPv6 address leads nowhere, and refuses', () => {
  const rendered = render({ network: { ...OPTIONS.network, addresses: { ip: '198.18.0.2' } } });
  assert.doesNotMatch(rendered, /dnat ip6|ct original ip6/);
  assert.match(rendered, /ip6 daddr fd00:ec2::254 jump refuse_packet/);
});

test('a kernel without routes in rules gets no other change', () => {
  assert.equal(render({ checksSource: false }), render().replace('fib saddr . iif oif != 0 ', ''));
});

test('given interfaces of pods replace the exceptions', () => {
  const interfaces = { kind: 'matching', patterns: ['cali*', 'cni0'] } as const;
  const rendered = render({ network: { ...OPTIONS.network, interfaces } });
  assert.equal(rendered.match(/iifname "cali\*"/g)?.length, 4);
  assert.equal(rendered.match(/iifname "cni0" fib saddr . iif oif != 0 accept/g)?.length, 1);
  assert.doesNotMatch(rendered, /return|^ *jump/m);
});

test('only the port of the agent changes', () => {
  assert.equal(render({ port: 19_921 }), render().replaceAll('9921', '19921'));
});

test('the rules of a Docker host lead to the address of the bridge', () => {
  const file = new URL('../testdata/docker.nft', import.meta.url);
  const network = { ...OPTIONS.network, addresses: undefined };
  const docker = { ...OPTIONS, workloads: CONTAINERS, port: 9931, network };
  const rendered = renderNodeTable(CONTAINERS, nodeChains(docker));
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, rendered);
  assert.equal(rendered, readFileSync(file, 'utf8'));
  const withoutIpv6 = renderNodeTable(CONTAINERS, nodeChains({ ...docker, hasIpv6: false }));
  assert.equal(withoutIpv6, rendered.replace(/^.*ip6.*\n/gm, ''));
});
