import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseNftListing } from '../nft-listing.ts';
import { nodeDifferences } from './node-differences.ts';
import { nodeChains } from './node-table.ts';
import { PODS } from './workloads.ts';

/** Listing of testdata/node.nft by nft 1.0.6. e2e/cases/redirect/node-watch.test.ts asks a kernel. */
const LISTING = readFileSync(new URL('../testdata/node-listing.json', import.meta.url), 'utf8');
const WANTED = nodeChains({
  workloads: PODS,
  port: 9921,
  hasIpv6: true,
  checksSource: true,
  network: {
    interfaces: { kind: 'all-but', names: ['lo', 'eth0'] },
    addresses: { ip: '198.18.0.2', ip6: 'fd00:9::2' },
  },
});

const loaded = (listing = LISTING) => parseNftListing(listing, PODS.table);

test('the listing of the table has no differences', () => {
  assert.deepEqual(nodeDifferences(loaded(), WANTED), []);
});

test('versions of nft may list the number of an interface as a number', () => {
  assert.deepEqual(nodeDifferences(loaded(LISTING.replace('"right": "0"', '"right": 0')), WANTED), []);
});

test('nft lists the number of a protocol where nothing tells it names', () => {
  const numbered = LISTING.replace(/("l4proto"\s*\}\s*\},\s*"right": )"tcp"/, '$16');
  assert.notEqual(numbered, LISTING);
  assert.deepEqual(nodeDifferences(loaded(numbered), WANTED), []);
  assert.notDeepEqual(nodeDifferences(loaded(numbered.replace(/"right": 6\b/, '"right": 17')), WANTED), []);
});

const { rules, chains } = loaded();

test('each rule counts, once, and at its place', () => {
  for (const [index, rule] of rules.entries()) {
    const without = rules.filter((other) => other !== rule);
    const twice = rules.toSpliced(index, 0, rule);
    const moved = [...without, { ...rule, chain: rule.chain === 'refuse' ? 'input' : 'refuse' }];
    for (const changed of [without, twice, moved])
      assert.notDeepEqual(nodeDifferences({ ...loaded(), rules: changed }, WANTED), [], rule.text);
  }
});

test('the order of the rules of a chain counts', () => {
  for (const [index, rule] of rules.entries()) {
    const next = rules[index + 1];
    if (next?.chain !== rule.chain) continue;
    const swapped = rules.toSpliced(index, 2, next, rule);
    assert.notDeepEqual(nodeDifferences({ ...loaded(), rules: swapped }, WANTED), [], rule.text);
  }
});

test('each chain counts, with its place in the kernel', () => {
  for (const [index, chain] of chains.entries()) {
    const changes = ['type', 'hook', 'prio', 'policy'].map((property) => ({ ...chain, [property]: 'x' }));
    for (const changed of [undefined, ...changes]) {
      const others = changed ? chains.toSpliced(index, 1, changed) : chains.toSpliced(index, 1);
      assert.equal(nodeDifferences({ ...loaded(), chains: others }, WANTED).length, 1);
    }
  }
});

test('what is not of podrole is named', () => {
  const other = { ...loaded(), hasFlags: true, others: ['set'] };
  assert.deepEqual(
    nodeDifferences(
      {
        ...other,
        chains: [...chains, { name: 'x' }],
        rules: [...rules, { chain: 'x', redirect: undefined, expr: [], text: '[]' }],
      },
      WANTED,
    ),
    [
      'has flags, and may be dormant',
      "has a chain that is not podrole's: x",
      "has a rule in x that is not podrole's: []",
      "has a set that is not podrole's",
    ],
  );
});
