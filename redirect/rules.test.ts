import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { redirectsTo, renderRedirects } from './rules.ts';

const file = new URL('testdata/redirect.nft', import.meta.url);

test('the rules, as nft -f takes them', () => {
  const rendered = renderRedirects(redirectsTo(9911, true));
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, rendered);
  assert.equal(rendered, readFileSync(file, 'utf8'));
  const page = readFileSync(new URL('../docs/redirect.md', import.meta.url), 'utf8');
  assert.ok(page.includes(`\`\`\`nft\n${rendered}\`\`\`\n`), 'docs/redirect.md shows them as they are');
});

test('without IPv6 its rule alone is left out', () => {
  const [both, ipv4] = [true, false].map((withIpv6) => renderRedirects(redirectsTo(9911, withIpv6)));
  assert.equal(ipv4, both?.replace(/^ *ip6 .*\n/m, ''));
  assert.notEqual(ipv4, both);
});

test('only the port of the sidecar changes', () => {
  const rules = renderRedirects(redirectsTo(19_911, true)).match(/dport .*/g);
  assert.deepEqual(new Set(rules), new Set(['dport 80 redirect to :19911']));
});
