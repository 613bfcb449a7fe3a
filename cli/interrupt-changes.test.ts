import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { useBindSite } from '../testing/bind/bind-site.ts';
import { type Gate, startGate } from '../testing/processes/gate.ts';
import { inTime } from '../testing/processes/in-time.ts';
import { startPodrole } from '../testing/processes/podrole-process.ts';

const home = mkdtempSync(join(tmpdir(), 'podrole-interrupt-'));
after(() => rmSync(home, { recursive: true }));
const site = useBindSite();
const ISSUER = 'https://oidc.example.test/one';
const THUMBPRINT = ['--thumbprint', '990f4193972f2becf12ddeda5237f9c952f20d9e'];
const POLICY = ['--attach-policy-arn', 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'];
const WEB = ['-n', 'shop', 'web', '--role-name', 'shop-web'];

interface Interrupted {
  readonly args: readonly string[];
  /** Is made before, without interruption. */
  readonly before?: readonly string[];
  /** Part of the request that is held back. */
  readonly held: string;
  readonly signal: 'SIGINT' | 'SIGTERM';
  readonly stderr: RegExp;
}

const CASES: readonly Interrupted[] = [
  {
    args: ['bind', ...WEB, ...POLICY, ...THUMBPRINT, '--approve'],
    held: 'Action=CreateRole&',
    signal: 'SIGINT',
    stderr:
      /finishing the change in progress; interrupt again to end at once\ndone: .*\nerror: role shop-web: was not changed, because this run was asked to stop; run again \[STOPPED\]\nerror: plan: 2 of 5 changes are done: .*create arn.*Not done: role shop-web: attach .*AmazonS3.*; run the same command again: it does the rest \[PARTLY_APPLIED\]\n$/,
  },
  {
    args: ['bind', ...WEB, ...POLICY, ...THUMBPRINT, '--approve'],
    held: 'POST /api/v1/namespaces ',
    signal: 'SIGTERM',
    stderr: /error: ServiceAccount shop\/web: was not changed, .*\nerror: plan: 4 of 5 changes are done/,
  },
  {
    args: ['unbind', ...WEB.slice(0, 3), '--approve'],
    before: ['bind', ...WEB, ...POLICY, ...THUMBPRINT, '--approve'],
    held: 'Action=DetachRolePolicy&',
    signal: 'SIGINT',
    stderr: /error: role shop-web: was not changed, .*\nerror: plan: 2 of 3 changes are done/,
  },
  {
    args: ['provider', 'ensure', '--client-id', 'vault', '--tags', 'a=b', ...THUMBPRINT, '--approve'],
    before: ['provider', 'ensure', ...THUMBPRINT, '--approve'],
    held: 'Action=AddClientIDToOpenIDConnectProvider&',
    signal: 'SIGINT',
    stderr: /error: plan: 1 of 2 changes are done: .*\[PARTLY_APPLIED\]\n$/,
  },
  {
    // The last change is made: all that was asked for is done.
    args: ['provider', 'delete', '--approve'],
    before: ['provider', 'ensure', ...THUMBPRINT, '--approve'],
    held: 'Action=DeleteOpenIDConnectProvider&',
    signal: 'SIGINT',
    stderr:
      /finishing the change in progress; .*\ndone: OIDC provider .*: delete\nDone: 1 OIDC provider deleted\n$/,
  },
];
for (const { args, before, held, signal, stderr } of CASES) {
  test(`${args.slice(0, 2).join(' ')} finishes ${held} after ${signal}, and then ends`, async () => {
    if (before) assert.equal((await site.podrole(...before)).exitCode, 0);
    await withRun(args, held, async (run, gate) => {
      run.child.kill(signal);
      await inTime(() => run.printed.stderr.includes('finishing'), 'the signal arrived');
      gate.open();
      assert.deepEqual(await run.ended, [null, signal]);
      assert.match(run.printed.stderr, stderr);
    });
    const again = await site.podrole(...args);
    assert.equal(again.exitCode, 0, again.stderr);
  });
}

test('a second interruption ends at once during a change', async () => {
  await withRun(['bind', ...WEB, ...THUMBPRINT, '--approve'], 'Action=CreateRole&', async (run) => {
    run.child.kill('SIGINT');
    await inTime(() => run.printed.stderr.includes('finishing'), 'the signal arrived');
    run.child.kill('SIGINT');
    assert.deepEqual(await run.ended, [null, 'SIGINT']);
    assert.match(run.printed.stderr, /error: podrole: was interrupted by SIGINT; .* \[STOPPED\]\n$/);
  });
});

async function withRun(
  args: readonly string[],
  held: string,
  use: (run: ReturnType<typeof startPodrole>, gate: Gate) => Promise<void>,
): Promise<void> {
  const isHeld = (asked: string) => asked.includes(held);
  const [iam, cluster] = await Promise.all([
    startGate(site.iam.url, isHeld),
    startGate(site.cluster.url, isHeld),
  ]);
  const gateOf = () => [iam, cluster].find((gate) => gate.held.length > 0);
  const run = startPodrole(
    [...args, '--issuer', ISSUER, '--account-id', site.iam.account, '--kube-api', cluster.url],
    {
      HOME: home,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      AWS_REGION: 'eu-central-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: iam.url,
    },
  );
  try {
    await inTime(() => gateOf() !== undefined, `${held} waits`);
    await use(run, gateOf() ?? iam);
  } finally {
    run.child.kill('SIGKILL');
    await Promise.all([iam.stop(), cluster.stop()]);
  }
}
