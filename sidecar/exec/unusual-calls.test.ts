import assert from 'node:assert/strict';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { drain, listen } from '../../lib/http/serve.ts';
import { answerXml, credentialsXml, stsErrorXml, targetCredentialsXml } from '../../testing/aws/sts-peer.ts';
import { startPodrole } from '../../testing/processes/podrole-process.ts';
import { useExec } from '../../testing/sidecar/exec-calls.ts';
import { waitFor } from '../../testing/wait-for.ts';

const { sts, folder, withToken, exec } = await useExec();

const loop = join(folder, 'loop');
symlinkSync(loop, loop);
const script = join(folder, 'script');
writeFileSync(script, '#!/podrole-no-such-interpreter\n');
chmodSync(script, 0o755);

const notStarted: readonly (readonly [string, string, number, RegExp])[] = [
  ['an empty name', '', 127, /^error: the command: has an empty name; /],
  ['a path through a file', join(script, 'x'), 126, /cannot be executed: /],
  ['a name that is too long', 'a'.repeat(5_000), 126, /^error: a{200}: cannot be executed: /],
  ['a link to itself', loop, 126, /cannot be executed: /],
  ['an interpreter that is not there', script, 127, /was not found, or the interpreter in its first line/],
];
for (const [name, command, code, said] of notStarted) {
  test(`a command that cannot be started: ${name}`, async () => {
    const { exitCode, stderr } = await exec([command]);
    assert.equal(exitCode, code, stderr);
    assert.match(stderr, said);
    assert.match(stderr, /^error: .*\[COMMAND_NOT_STARTED\]\n$/);
  });
}

test('an environment that has no room for more', async () => {
  // The kernel takes 128 KiB in one string.
  const env = { ...withToken, NO_PROXY: 'a'.repeat(128 * 1_024 - 12) };
  const { exitCode, stderr } = await exec(['true'], { env });
  assert.equal(exitCode, 126);
  assert.match(stderr, /arguments and its environment are too long together; pass less of both/);
});

test('a first exchange that fails by itself is tried again, with one warning', async () => {
  sts.answerWith = (request, response) => {
    const [status, xml] =
      sts.calls.length < 3 ? [503, stsErrorXml('ServiceUnavailable')] : [200, credentialsXml()];
    answerXml(status, () => xml)(request, response);
  };
  const { exitCode, stdout, stderr } = await exec(['echo', 'started']);
  assert.deepEqual({ exitCode, stdout }, { exitCode: 0, stdout: 'started\n' });
  const lines = stderr.trim().split('\n');
  assert.equal(lines.length, 1, stderr);
  assert.match(stderr, /"level":"warn".*ServiceUnavailable.*the command waits for it/);
});

test('Ctrl-C ends the wait for the first session', async () => {
  sts.answerWith = answerXml(503, () => stsErrorXml('ServiceUnavailable'));
  const { child, printed, ended } = startPodrole(['exec', '--', 'echo', 'started'], withToken);
  await waitFor(() => printed.stderr.includes('the command waits for it'), 'the first failure');
  child.kill('SIGINT');
  assert.deepEqual(await ended, [null, 'SIGINT']);
  assert.equal(printed.stdout, '');
});

test('no proxy gets the token', async () => {
  const asked: unknown[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(502).end();
  });
  const port = await listen(proxy, 0, '127.0.0.1');
  const uri = '$AWS_CONTAINER_CREDENTIALS_FULL_URI';
  const ask = `curl -s -o /dev/null -w '%{http_code} ' -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" ${uri}`;
  try {
    const env = { ...withToken, http_proxy: `http://127.0.0.1:${port}`, NO_PROXY: 'sts.example' };
    const { stdout } = await exec(['sh', '-c', `${ask}; echo $NO_PROXY $no_proxy`], { env });
    assert.equal(stdout, '200 sts.example,127.0.0.1 sts.example,127.0.0.1\n');
    assert.deepEqual(asked, []);
  } finally {
    await drain(proxy, 0);
  }
});

test('podrole exec within podrole exec assumes the inner role by the outer one', async () => {
  const inner = 'arn:aws:iam::111122223333:role/inner';
  sts.answerWith = (request, response) => {
    const isInner = sts.calls.at(-1)?.get('RoleArn') === inner;
    const arn = 'arn:aws:sts::111122223333:assumed-role/inner/x';
    answerXml(200, () => (isInner ? targetCredentialsXml(arn) : credentialsXml()))(request, response);
  };
  const podrole = [process.execPath, 'cli/podrole.js', 'exec', '--role-arn', inner, '--'];
  const { stdout, stderr } = await exec([...podrole, 'echo', 'started'], {
    env: { ...withToken, HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'localhost' },
  });
  assert.deepEqual({ stdout, stderr }, { stdout: 'started\n', stderr: '' });
  assert.deepEqual(
    sts.calls.map((call) => call.get('Action')),
    ['AssumeRoleWithWebIdentity', 'AssumeRole'],
  );
});

test('a process that the command leaves behind does not keep podrole', async () => {
  const { exitCode, stdout } = await exec(['sh', '-c', 'sleep 600 >&- 2>&- <&- & echo $!; exit 5']);
  process.kill(Number(stdout), 'SIGKILL');
  assert.equal(exitCode, 5);
});
