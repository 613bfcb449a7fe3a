import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFaults } from '../testing/faults.ts';
import { parseNftListing } from './nft-listing.ts';
import { REDIRECT_TABLE } from './rules.ts';

const LISTINGS: readonly (readonly [what: string, printed: string, fault: RegExp])[] = [
  [
    // nft 1.0.6 on a dormant table; its exit code is 0.
    'broken off',
    '{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "podrole", "handle": 2, "flags": ',
    /is not JSON/,
  ],
  ['nothing', '', /is not JSON/],
  ['another document', '{"tables": []}', /is not a list of objects/],
  ['a list of other things', '{"nftables": ["table"]}', /is not a list of objects/],
  ['no table', '{"nftables": [{"metainfo": {}}, {"chain": {"name": "output"}}]}', /does not contain a table/],
];

for (const [what, printed, fault] of LISTINGS)
  test(`not a listing: ${what}`, () => assertFaults(() => parseNftListing(printed, REDIRECT_TABLE), [fault]));

test("a rule that makes no sense is kept, as not podrole's", () => {
  const items = [{ table: { flags: ['dormant'] } }, { rule: { expr: 'accept' } }, { rule: 7 }, { map: {} }];
  assert.deepEqual(parseNftListing(JSON.stringify({ nftables: items }), REDIRECT_TABLE), {
    hasFlags: true,
    chains: [],
    rules: [
      { chain: '', redirect: undefined, expr: 'accept', text: '"accept"' },
      { chain: '', redirect: undefined, expr: undefined, text: 'null' },
    ],
    others: ['map'],
  });
});

test("a rule that goes on after its redirect is not podrole's", () => {
  const match = (protocol: string, field: string, right: unknown) => ({
    match: { op: '==', left: { payload: { protocol, field } }, right },
  });
  const ours = [match('ip', 'daddr', '192.0.2.1'), match('tcp', 'dport', 80), { redirect: { port: 9911 } }];
  const redirectOf = (expr: readonly unknown[]) =>
    parseNftListing(JSON.stringify({ nftables: [{ table: {} }, { rule: { expr } }] }), REDIRECT_TABLE)
      .rules[0]?.redirect;
  assert.deepEqual(redirectOf(ours), { protocol: 'ip', address: '192.0.2.1', port: 80, toPort: 9911 });
  assert.equal(redirectOf([...ours, { counter: null }]), undefined);
});
