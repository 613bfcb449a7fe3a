import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { auditModel, HOSTILE_NAMES } from '../../testing/audit/model.ts';
import { assertLinear } from '../../testing/cost/step-count.ts';
import type { AuditModel } from '../audit/model.ts';
import { LINK_IDS } from '../link-ids.ts';
import { renderReport } from './render-report.ts';

const small = auditModel({ serviceAccounts: 40 });
const page = renderReport(small);
const hostile = renderReport(auditModel({ serviceAccounts: 60, isHostile: true }));
/** Without the script and the style. */
const markupOf = (text: string) => text.replace(/<(script|style)>.*?<\/\1>/gs, '');
const markup = markupOf(page);

const count = (text: string, piece: RegExp | string) => text.split(piece).length - 1;
const escaped = (text: string) =>
  text.replace(
    /[&<>"']/g,
    (character) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' }[character]};`,
  );

test('the heading and the title name the clusters, the account and the time', () => {
  assert.match(page, /<title>podrole audit: prod-eu-1, 2026-11-29 21:56 UTC<\/title>/);
  assert.match(page, /<dd>111122223333 \(aws\)<\/dd>/);
});

test('every finding, chain and grant is there once, with its remedy', () => {
  assert.equal(count(markup, 'data-f="finding"'), small.findings.length);
  assert.equal(count(markup, 'data-f="chain"'), small.chains.length);
  assert.equal(count(markup, 'data-f="grant"'), small.grants.length);
  for (const { object, text, remedy } of small.findings) {
    assert.ok(page.includes(`<b>${escaped(object)}</b> ${escaped(text)}`), object);
    for (const line of [remedy.text, ...remedy.commands]) assert.ok(page.includes(escaped(line)), line);
  }
});

test('each chain has all links in order, and says what is broken in words', () => {
  const [first = ''] = /<ol class="links">.*?<\/ol>/s.exec(page) ?? [];
  const links = [...first.matchAll(/<li class="(\w+)">([\w ]+) <b>\1<\/b>/g)].map(
    ([, , label = '']) => label,
  );
  assert.deepEqual(
    links.map((label) => label.toLowerCase().replace(' ', '-')),
    LINK_IDS.map((id) => (id === 'target' ? 'target-role' : id)),
  );
  assert.match(page, /class="state broken">broken: trust policy</);
  assert.match(page, /<b>To do:<\/b> let the role trust the ServiceAccount/);
});

test('broken chains come first', () => {
  const states = [...page.matchAll(/data-f="chain" data-s="(\w+)"/g)].map(([, state]) => state);
  const order = ['broken', 'warning', 'unknown', 'ok'];
  assert.deepEqual(
    states,
    states.toSorted((one = '', other = '') => order.indexOf(one) - order.indexOf(other)),
  );
  assert.equal(new Set(states).size, 4);
});

test('a cluster without a context and an account without a number have names too', () => {
  const model = auditModel({ serviceAccounts: 10 });
  const text = renderReport({
    ...model,
    account: { accountId: '', partition: 'aws' },
    clusters: model.clusters.map((each) => ({ ...each, context: '' })),
  });
  assert.match(text, /<title>podrole audit: cluster of this pod, /);
  assert.match(text, /<th scope="row">cluster of this pod</);
  assert.match(text, /<dd>Ceph&#39;s default tenant \(aws\)<\/dd>/);
});

test('what could not be read is said before the findings', () => {
  const unread = renderReport(auditModel({ serviceAccounts: 200 }));
  assert.ok(unread.indexOf('it needs list secrets') < unread.indexOf('id="findings"'));
  assert.match(page, /Everything that the audit asked for could be read/);
});

test('what could not be read in all clusters is said once, without their names', () => {
  const model = auditModel({ serviceAccounts: 200 });
  const unread = ['instance profiles'];
  const text = renderReport({ ...model, clusters: model.clusters.map((each) => ({ ...each, unread })) });
  assert.equal(count(text, '<li>instance profiles</li>'), 1);
});

test('the policy allows exactly the script and the style of the page', () => {
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  for (const [tag, directive] of [
    ['script', 'script-src'],
    ['style', 'style-src'],
  ]) {
    const bodies = [...page.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))];
    assert.equal(bodies.length, 1);
    const hash = createHash('sha256')
      .update(bodies[0]?.[1] ?? '')
      .digest('base64');
    assert.ok(policy.includes(`${directive} 'sha256-${hash}'`), directive);
  }
  assert.match(policy, /^default-src 'none'; /);
});

test('nothing is loaded, and no attribute holds code or style', () => {
  for (const each of [page, hostile].map(markupOf)) {
    assert.doesNotMatch(each, /<(?:script|style|link|img|iframe|object|embed|base)\b/);
    assert.doesNotMatch(each.replace(/"[^"]*"/g, '""'), /<[^>]*\s(?:src|style|on\w+)=/);
    assert.ok([...each.matchAll(/<a [^>]*href="([^"]*)"/g)].every(([, href]) => href?.startsWith('#')));
  }
});

test('hostile names leave no place open', () => {
  assert.ok(HOSTILE_NAMES.length > 10);
  assert.equal(count(hostile, '<script>'), 1);
  assert.equal(count(hostile, '</script>'), 1);
  assert.equal(count(hostile, '</title>'), count(hostile, '<title>'));
  assert.doesNotMatch(hostile.replaceAll('\n', ''), /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  assert.ok(hostile.isWellFormed());
  assert.ok(hostile.includes('&lt;/script&gt;&lt;script&gt;document.title=&quot;owned&quot;'));
});

test('an audit that found nothing has a page too', () => {
  const nothing: AuditModel = {
    ...small,
    account: undefined,
    clusters: [],
    serviceAccounts: [],
    roles: [],
    grants: [],
    findings: [],
    chains: [],
  };
  const empty = renderReport(nothing);
  assert.match(empty, /The audit found nothing to change/);
  assert.match(empty, /No ServiceAccount has a role/);
  assert.doesNotMatch(markupOf(empty), /NaN|undefined/);
  assertLinksLead(empty);
});

test('every link within the page leads to something', () => assertLinksLead(page));

function assertLinksLead(text: string): void {
  const ids = new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
  for (const [, target] of text.matchAll(/href="#([^"]*)"/g)) assert.ok(ids.has(target), target);
}

test('2,000 ServiceAccounts fit into 5 MB', () => {
  const large = renderReport(auditModel({ serviceAccounts: 2000 }));
  assert.ok(Buffer.byteLength(large) < 5_000_000, `${Buffer.byteLength(large)} bytes`);
});

test('the work grows linearly with the number of ServiceAccounts', async () => {
  await assertLinear(
    (serviceAccounts) => {
      const model = auditModel({ serviceAccounts });
      return () => renderReport(model);
    },
    // More than the page gives the evidence of.
    { size: 1000 },
  );
});
