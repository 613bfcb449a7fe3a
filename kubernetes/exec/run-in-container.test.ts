import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import { type ExecServer, startExecServer } from '../../testing/kubernetes/exec-server.ts';
import { type ContainerCommand, connectToContainers } from './run-in-container.ts';

let server: ExecServer;
beforeEach(async () => {
  server = await startExecServer();
});
afterEach(() => server.stop());

function run(changes: Partial<ContainerCommand> = {}, signal: AbortSignal = NEVER_ABORTED) {
  const runInContainer = connectToContainers({ kubeconfig: undefined, kubeApi: server.url }, {});
  const command = ['sh', '-c', 'echo "$1"', 'x', 'a b&c'];
  const place = { namespace: 'shop', pod: 'web-1', container: 'app' };
  return runInContainer({ ...place, command, maxBytes: 100_000, timeoutMs: 5_000, ...changes }, signal);
}

const SIZES = [0, 1, 124, 125, 126, 65_534, 65_535, 65_536, 99_999];

for (const size of SIZES) {
  test(`output of ${size} bytes is read`, async () => {
    server.answer = () => ({ stdout: 'x'.repeat(size) });
    assert.deepEqual(await run(), { stdout: 'x'.repeat(size), failed: undefined });
  });
}

test('the command is sent word by word, without stdin and terminal', async () => {
  await run();
  const [url] = server.asked;
  assert.equal(url?.pathname, '/api/v1/namespaces/shop/pods/web-1/exec');
  assert.deepEqual(url?.searchParams.getAll('command'), ['sh', '-c', 'echo "$1"', 'x', 'a b&c']);
  assert.equal(url?.searchParams.get('container'), 'app');
  for (const [name, value] of [
    ['stdin', 'false'],
    ['tty', 'false'],
    ['stdout', 'true'],
  ] as const)
    assert.equal(url?.searchParams.get(name), value);
});

test('a command that fails says why', async () => {
  const message = 'OCI runtime exec failed: exec: "sh": executable file not found in $PATH';
  server.answer = () => ({ status: { status: 'Failure', message, code: 500 } });
  assert.equal((await run()).failed, message);
});

test('output beyond the limit is given up', async () => {
  server.answer = () => ({ stdout: 'x'.repeat(500), status: 'open' });
  assert.equal((await run({ maxBytes: 400 })).failed, 'its output is too long');
});

test('a connection that ends early is not a success', async () => {
  server.answer = () => ({ stdout: 'begin', status: 'cut' });
  const { stdout, failed } = await run();
  assert.deepEqual([stdout, failed], ['begin', 'the connection ended before the command did']);
});

test('a command that does not end is given up', async () => {
  server.answer = () => ({ status: 'open' });
  await assert.rejects(run({ timeoutMs: 50 }), { code: 'API_SILENT' });
});

test('an interrupted run ends', async () => {
  const controller = new AbortController();
  server.answer = () => {
    controller.abort();
    return { status: 'open' };
  };
  await assert.rejects(run({}, controller.signal), { code: 'STOPPED' });
});

test('a refusal names the right', async () => {
  server.refusal = 403;
  await assert.rejects(run(), (thrown: Error) => {
    assert.match(
      thrown.message,
      /pods\/web-1\/exec: answered 403; use a kubeconfig whose user may get and create pods\/exec/,
    );
    return true;
  });
});

test('a server that is not there is unreachable', async () => {
  await server.stop();
  await assert.rejects(run(), { code: 'API_UNREACHABLE' });
  server = await startExecServer();
});

test('a name that leads elsewhere is refused', async () => {
  await assert.rejects(run({ pod: '..' }), { code: 'INVALID_NAME' });
});
