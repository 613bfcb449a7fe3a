import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useBindSite } from '../../testing/bind/bind-site.ts';
import { runCli } from '../../testing/processes/cli.ts';

const site = useBindSite();

function audit(...args: string[]) {
  return runCli(['audit', '--check-issuers=false', '--kube-api', site.cluster.url, ...args]);
}

for (const [args, stderr] of [
  [['--force'], /--force: needs --report/],
  [['--yes'], /--yes: needs --probe-metadata/],
  [['--image', 'a'], /--image: needs --probe-metadata/],
  [['--role', 'web'], /--role: is "web", not the ARN of a role/],
  [['--node-role', 'web'], /--node-role: is "web", not the ARN of a role/],
  [['-A', '-n', 'shop'], /--all-namespaces: excludes --namespace/],
  [['--context', 'a', '--context', 'b'], /--kube-api: is one address for several contexts/],
] as const) {
  test(`wrong usage: ${args.join(' ')}`, async () => {
    const result = await audit(...args);
    assert.equal(result.exitCode, 2);
    assert.match(result.stderr, stderr);
  });
}

test('--probe-metadata starts nothing unless somebody agrees', async () => {
  const { exitCode, stdout, stderr } = await audit('--probe-metadata');
  assert.deepEqual([exitCode, stdout], [3, '']);
  assert.match(
    stderr,
    /--probe-metadata: would start two pods in namespace default of cluster of this pod, and nobody agreed; answer yes, or give --yes; nothing was started \[NOT_CONFIRMED\]/,
  );
  assert.deepEqual(site.cluster.requests, []);
});

test('a metadata probe without an image is open, and the audit goes on', async () => {
  const { exitCode, stdout } = await audit('--probe-metadata', '--yes');
  assert.equal(exitCode, 0);
  assert.match(
    stdout,
    /\n {2}instance metadata, v1: --image: is not set, and no webhook of podrole is registered/,
  );
});
