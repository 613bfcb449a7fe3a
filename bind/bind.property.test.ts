import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { startBindSite } from '../testing/bind/bind-site.ts';

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
