import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startFakeCluster } from '../testing/kubernetes/fake-cluster.ts';
import { type Gate, startGate } from '../testing/processes/gate.ts';
import { inTime } from '../testing/processes/in-time.ts';
import { startPodrole } from '../testing/processes/podrole-process.ts';

const home = mkdtempSync(join(tmpdir(), 'podrole-interrupt-'));
after(() => rmSync(home, { recursive: true }));
writeFileSync(
  join(home, 'pod.yaml'),
  'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {serviceAccountName: web, containers: [{name: a, image: b}]}\n',
);

const cluster = await startFakeCluster();
after(() => cluster.stop());

/** Commands that only read, and the server that does not answer them. */
const CASES: readonly (readonly [args: string, hangs: 'AWS' | 'cluster'])[] = [
  ['list', 'cluster'],
  ['list --issuer https://oidc.example.test', 'cluster'],
  ['list --issuer https://oidc.example.test', 'AWS'],
  ['list -o json', 'cluster'],
  ['doctor -n shop pod/web-0', 'cluster'],
  ['doctor -A -o json', 'cluster'],
  ['bind -n shop web', 'cluster'],
  ['bind -n shop web --issuer https://oidc.example.test', 'AWS'],
  ['bind -n shop web --issuer https://oidc.example.test --account-id 111122223333', 'AWS'],
  ['bind -n shop web --issuer https://oidc.example.test --approve', 'AWS'],
  ['unbind -n shop web', 'cluster'],
  ['provider ensure', 'cluster'],
  ['provider ensure --issuer https://oidc.example.test', 'AWS'],
  ['provider show --issuer https://oidc.example.test', 'AWS'],
  ['provider delete --issuer https://oidc.example.test', 'AWS'],
  ['publish --to s3://oidc-example', 'cluster'],
  ['publish --to HOME/site --dry-run', 'cluster'],
  ['keys rotate status --to HOME/site', 'cluster'],
  ['inject -f HOME/pod.yaml --cluster', 'cluster'],
];
for (const [line, hangs] of CASES) {
  test(`${line} is interrupted while the ${hangs} hangs`, async () => {
    const gate = await startGate(undefined, () => true);
    const run = startPodrole(
      [...line.replaceAll('HOME', home).split(' '), ...clusterFlags(hangs, gate)],
      envOf(hangs === 'AWS' ? gate : undefined),
    );
    try {
      await inTime(() => gate.held.length > 0, 'a request waits');
      run.child.kill('SIGINT');
      assert.deepEqual(await run.ended, [null, 'SIGINT']);
      const { stderr } = run.printed;
      if (line.includes('-o json')) {
        const [fault] = JSON.parse(stderr).errors;
        assert.deepEqual([fault.code, fault.problem], ['STOPPED', 'was interrupted by SIGINT']);
      } else {
        // On a slow machine, progress is reported before.
        const lines = stderr.split('\n').filter((text) => !/ \(\d+ s\)$/.test(text));
        assert.deepEqual(lines, ['error: podrole: was interrupted by SIGINT; run again [STOPPED]', '']);
      }
    } finally {
      run.child.kill('SIGKILL');
      await gate.stop();
    }
  });
}

function clusterFlags(hangs: string, gate: Gate): readonly string[] {
  return ['--kube-api', hangs === 'cluster' ? gate.url : cluster.url];
}

function envOf(gate: Gate | undefined): Readonly<Record<string, string>> {
  const url = gate?.url ?? 'http://127.0.0.1:9';
  return {
    HOME: home,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_REGION: 'eu-central-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: url,
  };
}
