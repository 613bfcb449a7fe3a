import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { painter } from '../../lib/text/paint.ts';
import { chainFacts } from '../../testing/doctor/chain-facts.ts';
import { finding } from '../../testing/doctor/finding.ts';
import type { Finding } from '../chain/finding.ts';
import type { ChainFacts } from '../facts/chain-facts.ts';
import { type JudgedChain, verdictOf } from '../judge/verdict.ts';
import { resultOf } from './for-programs.ts';
import { renderChains } from './render-chains.ts';
import { COLUMNS, cut, wrap } from './wrap.ts';

const PLAIN = painter(false);
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const OTHER =
  'arn:aws:iam::111122223333:role/team/a-role-with-a-name-that-is-as-long-as-they-get-in-practice';

function judged(findings: readonly Finding[], facts: Partial<ChainFacts> = {}): JudgedChain {
  const all = chainFacts({ grant: { roleArn: ROLE, audience: 'sts.amazonaws.com' }, ...facts });
  const firstBroken = findings.find(({ state }) => state === 'broken');
  return { facts: all, findings, verdict: verdictOf(findings), firstBroken };
}

const healthy = judged(
  [
    finding('annotation', 'ok', { object: 'ServiceAccount shop/web', found: `names role ${ROLE}` }),
    finding('webhook', 'ok', { object: 'webhook pods.podrole.dev', found: 'would change a new pod' }),
    finding('source', 'ok', {
      object: 'container web',
      found: 'takes the web identity',
      details: ['web: web identity token, then instance metadata of the node', 'fluentd: static keys'],
    }),
    finding('exchange', 'ok', { object: 'STS https://sts.eu-west-1.amazonaws.com', found: 'gave a session' }),
  ],
  { subject: { kind: 'deployment', namespace: 'shop', name: 'web' } },
);

const broken = judged(
  [
    finding('annotation', 'ok', { object: 'ServiceAccount shop/api', found: `names role ${OTHER}` }),
    finding('webhook', 'ok', { object: 'webhook pods.podrole.dev', found: 'would change a new pod' }),
    finding('pod', 'unknown', {
      object: 'pod shop/api-0',
      found: 'may not be read with these credentials: pods is forbidden',
      remedy: { text: 'to judge it, you need this right: get on pods', commands: [] },
    }),
    finding('trust-policy', 'broken', {
      object: `role ${OTHER}`,
      expected: 'trusts system:serviceaccount:shop:api with the audience sts.amazonaws.com',
      found: 'has no statement for it; the nearest one is for system:serviceaccount:shop:web',
      remedy: {
        text: 'let podrole correct the trust policy',
        commands: ['podrole bind -n shop api --approve', `podrole list shop/api # ${'x'.repeat(80)}`],
      },
      details: ['statement 1: StringEquals oidc.example.test:sub is system:serviceaccount:shop:web'],
    }),
    finding('trust-policy', 'warning', { object: `role ${OTHER}`, found: 'has no condition on aud' }),
    finding('exchange', 'skipped', { found: 'not judged, because it depends on: trust-policy' }),
  ],
  {
    container: 'fluentd',
    subject: { kind: 'serviceaccount', namespace: 'shop', name: 'api' },
    serviceAccountName: 'api',
    grant: { roleArn: OTHER, audience: 'sts.amazonaws.com' },
  },
);

const { grant, ...bare } = chainFacts();
const unread = {
  ...judged([finding('annotation', 'unknown', { object: 'ServiceAccount shop/web' })]),
  facts: bare,
};

const signIn = { text: 'to judge it, set AWS_PROFILE', commands: [] };
const signedOut = judged([
  finding('annotation', 'ok', { object: 'ServiceAccount shop/web', found: 'names a role' }),
  ...(['provider', 'role', 'trust-policy'] as const).map((link) =>
    finding(link, 'unknown', { object: `the ${link}`, found: 'could not be read', remedy: signIn }),
  ),
]);

const GOLDEN: Readonly<Record<string, readonly JudgedChain[]>> = {
  healthy: [healthy],
  broken: [broken],
  unread: [unread],
  'signed-out': [signedOut],
  several: [healthy, broken, unread],
};
for (const [name, chains] of Object.entries(GOLDEN)) {
  test(`prints ${name}, as in testdata`, () => {
    const file = new URL(`testdata/${name}.txt`, import.meta.url);
    const printed = renderChains(chains, PLAIN);
    if (process.env['UPDATE_GOLDEN']) writeFileSync(file, printed);
    assert.equal(printed, readFileSync(file, 'utf8'));
    const tooLong = printed.split('\n').filter((line) => line.length > COLUMNS);
    assert.deepEqual(
      tooLong.filter((line) => !/arn:aws:iam|# x/.test(line)),
      [],
    );
    assert.equal(stripVTControlCharacters(renderChains(chains, painter(true))), printed);
  });
}

test('the result for programs has every finding, and says which one is the cause', () => {
  const { healthy: isHealthy, tookMs, chains } = resultOf([healthy, broken], 12.3);
  assert.deepEqual([isHealthy, tookMs], [false, 12]);
  assert.deepEqual(
    chains.map(({ subject, container, verdict, firstBroken }) => [
      subject.name,
      container,
      verdict,
      firstBroken?.link,
    ]),
    [
      ['web', undefined, 'healthy', undefined],
      ['api', 'fluentd', 'broken', 'trust-policy'],
    ],
  );
  assert.equal(chains[1]?.chain.length, 6);
});

test('a name that looks like escape sequences or lines is printed as text', () => {
  const subject = { kind: 'pod', namespace: 'shop', name: 'a\u001b[31m\nhealthy: x' } as const;
  const printed = renderChains([judged([], { subject })], PLAIN);
  assert.equal(printed.includes('\u001b'), false);
  assert.equal(/^healthy/m.test(printed), false);
});

test('long texts are wrapped, and what is longer than anyone reads is cut', () => {
  assert.equal(wrap('a ', `${'word '.repeat(30).trim()}`).split('\n').length, 3);
  assert.equal(wrap('a ', ''), 'a\n');
  assert.equal(wrap('', 'x'.repeat(100)), `${'x'.repeat(100)}\n`);
  assert.ok(wrap('', 'x '.repeat(1_000_000)).length < 5_000);
  assert.equal(cut('abcdef', 4), 'abc…');
  assert.equal(cut('abcd', 4), 'abcd');
});
