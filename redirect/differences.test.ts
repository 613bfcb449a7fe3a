import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { redirectDifferences } from './differences.ts';
import { parseNftListing } from './nft-listing.ts';
import { REDIRECT_TABLE, redirectsTo } from './rules.ts';

/**
 * Changes of podrole's table. Each entry has the commands for `nft -f`, the listing of nft 1.0.6, and the
 * differences that podrole finds in it. e2e/cases/redirect/redirect.test.ts does the same on a kernel, with
 * the nft of the machine. To rewrite the differences, and then look at the change:
 *
 *     UPDATE_GOLDEN=1 node --test redirect/differences.test.ts
 */
const file = new URL('testdata/listings.json', import.meta.url);

interface Recording {
  readonly name: string;
  readonly tampering: string;
  readonly listing: unknown;
  readonly differences: readonly string[];
}

const recordings: readonly Recording[] = JSON.parse(readFileSync(file, 'utf8'));

const differencesOf = ({ listing }: Recording, toPort = 9911, withIpv6 = true) =>
  redirectDifferences(
    parseNftListing(JSON.stringify(listing), REDIRECT_TABLE),
    redirectsTo(toPort, withIpv6),
  );

if (process.env['UPDATE_GOLDEN']) {
  const lines = recordings.map((recording) =>
    JSON.stringify({ ...recording, differences: differencesOf(recording) }),
  );
  writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`);
}

for (const recording of recordings) {
  test(recording.name, () => {
    assert.deepEqual(differencesOf(recording), recording.differences);
    assert.equal(recording.differences.length === 0, recording.tampering === '', 'tampering is found');
  });
}

const [untouched] = recordings;
assert.ok(untouched);

test('rules that redirect to another port are not the wanted ones', () => {
  const differences = differencesOf(untouched, 9912);
  assert.equal(differences.length, 6);
  for (const port of [9911, 9912])
    assert.ok(differences.some((difference) => difference.includes(String(port))));
});

test('without IPv6, a rule for it is an extra rule', () => {
  const [difference, ...others] = differencesOf(untouched, 9911, false);
  assert.match(difference ?? '', /fd00:ec2::254/);
  assert.equal(others.length, 0);
});

test('flags of the table are named: its chains may not be hooked in', () => {
  const loaded = { ...parseNftListing(JSON.stringify(untouched.listing), REDIRECT_TABLE), hasFlags: true };
  assert.deepEqual(redirectDifferences(loaded, redirectsTo(9911, true)), ['has flags, and may be dormant']);
});
