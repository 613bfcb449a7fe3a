import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createApiClient } from '../../kubernetes/api-client.ts';
import { connectToContainers } from '../../kubernetes/exec/run-in-container.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import { type ExecServer, startExecServer } from '../../testing/kubernetes/exec-server.ts';
import { probeWorkloads } from './probe-workloads.ts';

const running = (...names: readonly string[]) =>
  names.map((name) => ({ name, state: { running: { startedAt: '2026-11-30T01:00:00Z' } } }));

let server: ExecServer;
let status: object;
beforeEach(async () => {
  status = { containerStatuses: running('app') };
  server = await startExecServer((path) => (path.endsWith('/pods/web-1') ? { status } : undefined));
});
afterEach(() => server.stop());

async function probe(pods: readonly string[] = ['web-1']) {
  const choice = { kubeconfig: undefined, kubeApi: server.url };
  const client = createApiClient(loadKubeConfig(choice, {}));
  const progress = { show: () => {} };
  try {
    const [found] = await probeWorkloads([{ namespace: 'shop', kind: 'Deployment', name: 'web', pods }], {
      ...{ client, progress, signal: NEVER_ABORTED },
      run: connectToContainers(choice, {}),
    });
    assert.ok(found);
    return found;
  } finally {
    client.close();
  }
}

const line = (file: string) => `file\t/usr/lib/python3/dist-packages/${file}`;

test('the oldest SDK of all containers decides', async () => {
  status = { containerStatuses: running('app', 'old'), initContainerStatuses: running('podrole-sidecar') };
  server.answer = (url) => ({
    stdout: `${line(url.searchParams.get('container') === 'old' ? 'boto-2.49.0.dist-info' : 'boto3-1.44.8.dist-info')}\nend\n`,
  });
  const { needs, mode, sdks, notes } = await probe();
  assert.deepEqual([needs, mode, sdks, notes], ['sidecar', 'metadata', ['boto 2.49.0', 'boto3 1.44.8'], []]);
  assert.deepEqual(
    server.asked.map((url) => url.searchParams.get('container')),
    ['app', 'old'],
  );
});

test('new SDKs need nothing', async () => {
  server.answer = () => ({ stdout: `${line('boto3-1.44.8.dist-info')}\nend\n` });
  assert.equal((await probe()).needs, 'web identity');
});

test('a container that is not looked into as a whole may have another one', async () => {
  server.answer = () => ({ stdout: `${line('boto3-1.44.8.dist-info')}\n` });
  const { needs, notes } = await probe();
  assert.equal(needs, 'unknown');
  assert.match(
    notes.join(),
    /app was not looked into as a whole: the script did not run to its end,.*lock file/,
  );
});

test('a container without a shell is unknown, with the way to find out', async () => {
  const message = 'exec: "sh": executable file not found in $PATH';
  server.answer = () => ({ status: { status: 'Failure', message } });
  const { needs, notes } = await probe();
  assert.equal(needs, 'unknown');
  assert.match(notes.join(), /"sh": executable file not found.*docs\/sdk-versions.md/);
});

test('a container without an SDK is unknown', async () => {
  server.answer = () => ({ stdout: 'end\n' });
  assert.match((await probe()).notes.join(), /container app: no AWS SDK was found/);
});

test('without the right nothing is known, and the right is named', async () => {
  server.refusal = 403;
  const { needs, notes } = await probe();
  assert.equal(needs, 'unknown');
  assert.match(notes.join(), /was not looked into:.*create pods\/exec/);
});

test('a workload without pods is unknown', async () => {
  assert.match((await probe([])).notes.join(), /no pod of it runs/);
  assert.match((await probe(['gone'])).notes.join(), /answered 404/);
});
