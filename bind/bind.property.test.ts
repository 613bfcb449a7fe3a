import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { startBindSite } from '../testing/bind/bind-site.ts';
import { bindState, takenAway } from '../testing/bind/bind-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-bind-'));
after(() => rmSync(folder, { recursive: true }));
const policyFile = join(folder, 'read.json');
writeFileSync(
  policyFile,
  JSON.stringify({ Statement: [{ Action: ['s3:Get*'], Effect: 'Allow', Resource: '*' }] }),
);

const flag = (name: string, ...values: readonly string[]) =>
  fc.option(
    fc.constantFrom(...values).map((value) => [`--${name}`, value]),
    { nil: [] },
  );

/** Values that a run may ask for, and that the next run may change. */
const askings = fc
  .tuple(
    flag(
      'attach-policy-arn',
      'arn:aws:iam::aws:policy/A',
      'arn:aws:iam::aws:policy/B',
      'arn:aws:iam::aws:policy/A,arn:aws:iam::aws:policy/C',
    ),
    flag('policy-file', policyFile),
    flag('well-known', 'vpc-cni', 'vpc-cni-ipv6,external-dns'),
    flag('tags', 'team=shop', 'team=ops,cost=1'),
    flag('session-duration', '3600', '7200'),
    flag(
      'permissions-boundary',
      'arn:aws:iam::111122223333:policy/one',
      'arn:aws:iam::111122223333:policy/two',
    ),
    flag('subject-pattern', 'system:serviceaccount:shop:*'),
    flag('also-issuer', 'https://oidc.example.test/two'),
    flag('token-audience', 'sts.amazonaws.com', 'vault'),
    flag('role-name', 'shop-web'),
    fc.constantFrom([], ['--role-only']),
    fc.constantFrom([], ['--prune']),
  )
  .map((parts) => parts.flat());

test('whatever was asked for before, the plan of what was just applied is empty', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(askings, { minLength: 1, maxLength: 3 }), async (runs) => {
      const site = await startBindSite();
      try {
        const podrole = (asking: readonly string[], ...more: string[]) =>
          site.podrole('bind', '-n', 'shop', 'web', '--thumbprint', 'a'.repeat(40), ...asking, ...more);
        for (const asking of runs) {
          const { exitCode, stderr } = await podrole(asking, '--approve');
          assert.equal(exitCode, 0, stderr);
        }
        const { exitCode, stdout } = await podrole(runs.at(-1) ?? [], '--exit-code');
        assert.equal(exitCode, 0, stdout);
      } finally {
        await site.stop();
      }
    }),
    { numRuns: 30 },
  );
});

/** Flags whose value is replaced by another one, and flags that say that something goes. */
const REPLACING =
  /^--(attach-policy-arn|policy-file|well-known|tags|session-duration|permissions-boundary|token-audience)$/;

test('a later command without a word of removal takes nothing away that it does not name', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(askings, { minLength: 1, maxLength: 2 }), askings, async (earlier, later) => {
      const site = await startBindSite();
      try {
        const podrole = (asking: readonly string[]) =>
          site.podrole('bind', '-n', 'shop', 'web', '--thumbprint', 'a'.repeat(40), ...asking, '--approve');
        for (const asking of earlier) assert.equal((await podrole(asking)).exitCode, 0);
        const before = bindState(site);
        // Only flags that add, and a new value for nothing that was given before.
        const given = new Set(earlier.flat());
        const adding = later
          .flatMap((word, at) => (word.startsWith('--') ? [[word, later[at + 1] ?? '']] : []))
          .filter(([flag = '']) => flag !== '--prune' && !(REPLACING.test(flag) && given.has(flag)))
          .map(([flag = '', value = '']) =>
            value.startsWith('--') || value === '' ? [flag] : [flag, value],
          );
        const { exitCode, stdout, stderr } = await podrole(adding.flat());
        assert.equal(exitCode, 0, stderr);
        assert.doesNotMatch(stdout, /REMOVAL/);
        const isReplaced = (item: string) =>
          (adding.flat().includes('--session-duration') && item === 'shop-web duration 3600') ||
          (adding.flat().includes('--permissions-boundary') && item === 'shop-web boundary undefined') ||
          (adding.flat().includes('--token-audience') && /trusts|tag podrole.dev/.test(item)) ||
          // Its statement gets the audience of the role.
          (adding.flat().includes('--also-issuer') && /trusts.*test\/two/.test(item)) ||
          // The value of this tag grows.
          item.startsWith('shop-web tag podrole.dev/attached-policies');
        assert.deepEqual(
          takenAway(before, bindState(site)).filter((item) => !isReplaced(item)),
          [],
          adding.flat().join(' '),
        );
      } finally {
        await site.stop();
      }
    }),
    { numRuns: 20 },
  );
});
