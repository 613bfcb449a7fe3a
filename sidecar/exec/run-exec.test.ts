import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { answerXml, credentialsXml, stsErrorXml, targetCredentialsXml } from '../../testing/aws/sts-peer.ts';
import { startPodrole } from '../../testing/processes/podrole-process.ts';
import { ROLE, useExec } from '../../testing/sidecar/exec-calls.ts';
import { waitFor } from '../../testing/wait-for.ts';

const { sts, folder, home, tokenFile, base: BASE, withToken: WITH_TOKEN, exec } = await useExec();
const OWN_FILES = join(home, '.aws');
mkdirSync(OWN_FILES);
writeFileSync(
  join(OWN_FILES, 'credentials'),
  '[default]\naws_access_key_id=AKIAOTHER\naws_secret_access_key=x\n',
);
writeFileSync(
  join(OWN_FILES, 'config'),
  '[default]\ncredential_process=false\n[profile x]\nregion=us-west-2\n',
);

const HOSTILE = {
  ...WITH_TOKEN,
  AWS_ACCESS_KEY_ID: 'AKIAOTHER',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_SESSION_TOKEN: 'x',
  AWS_PROFILE: 'x',
  AWS_DEFAULT_PROFILE: 'x',
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/other',
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/dev/null',
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/',
  AWS_BEARER_TOKEN_BEDROCK: 'x',
  AWS_EC2_METADATA_DISABLED: 'false',
};
const SDK = fileURLToPath(
  new URL('../../node_modules/@aws-sdk/credential-provider-node/dist-cjs/index.js', import.meta.url),
);
const PRINT_KEY = `require(${JSON.stringify(SDK)}).defaultProvider()().then(({accessKeyId}) => console.log(accessKeyId))`;

test('the default chain of the JavaScript SDK finds the role, whatever else is set', async () => {
  const { exitCode, stdout, stderr } = await exec([process.execPath, '-e', PRINT_KEY], { env: HOSTILE });
  assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 0, stdout: 'ASIAPEEREXAMPLE\n', stderr: '' });
  assert.equal(sts.calls[0]?.get('Action'), 'AssumeRoleWithWebIdentity');
  assert.equal(sts.calls[0]?.get('WebIdentityToken'), 'first.token.value');
});

test('without a token file, the own credentials assume the role, and the command does not see them', async () => {
  const arn = 'arn:aws:sts::111122223333:assumed-role/web/me';
  sts.answerWith = answerXml(200, () => targetCredentialsXml(arn));
  const env = {
    ...BASE,
    AWS_ACCESS_KEY_ID: 'AKIAME',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_ROLE_SESSION_NAME: 'me',
  };
  const { stdout, stderr } = await exec(['sh', '-c', 'env | grep -c AKIAME; exit 0'], {
    env,
    flags: ['--role-arn', ROLE],
  });
  assert.deepEqual({ stdout, stderr }, { stdout: '0\n', stderr: '' });
  const { Action, RoleSessionName } = Object.fromEntries(sts.calls[0] ?? []);
  assert.deepEqual({ Action, RoleSessionName }, { Action: 'AssumeRole', RoleSessionName: 'me' });
});

test('the endpoint wants the token, serves nothing else, and is gone after the command', async () => {
  const ask = 'curl -s -o /dev/null -w "%{http_code} "';
  const script = `uri=$AWS_CONTAINER_CREDENTIALS_FULL_URI; base=\${uri%/v1/*}
    ${ask} $uri; ${ask} -H 'Authorization: x' $uri; ${ask} -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" $uri
    ${ask} $base/latest/meta-data/; echo $uri`;
  const { stdout } = await exec(['sh', '-c', script]);
  const [, statuses = '', uri = ''] = /^([\d ]+)(http\S+)\n$/.exec(stdout) ?? [];
  assert.equal(statuses, '403 403 200 404 ', stdout);
  await assert.rejects(fetch(uri));
});

test('streams and arguments are those of the command', async () => {
  const echo = await exec(
    ['sh', '-c', 'cat; echo "$@" >&2', 'sh', '--region', '-o', 'json', '--', '--no-color'],
    {
      stdin: 'line\n',
    },
  );
  assert.deepEqual(
    [echo.stdout, echo.stderr, echo.exitCode],
    ['line\n', '--region -o json -- --no-color\n', 0],
  );
});

const ends: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  ['0', ['true'], 0, /^$/],
  ['a code', ['sh', '-c', 'exit 42'], 42, /^$/],
  ['the highest code', ['sh', '-c', 'exit 255'], 255, /^$/],
  ['a signal', ['sh', '-c', 'kill -9 $$'], 137, /^$/],
  ['a command that is not there', ['podrole-no-such-command'], 127, /was not found.*\[COMMAND_NOT_STARTED\]/],
  ['a folder', [folder], 126, /cannot be executed/],
];
for (const [name, command, code, said] of ends) {
  test(`exit code ${code} for ${name}`, async () => {
    const { exitCode, stderr } = await exec(command);
    assert.equal(exitCode, code);
    assert.match(stderr, said);
  });
}

test('a script without the right to be executed', async () => {
  const script = join(folder, 'script');
  writeFileSync(script, '#!/bin/sh\n');
  chmodSync(script, 0o644);
  assert.equal((await exec([script])).exitCode, 126);
});

test('without a session the command does not start', async () => {
  sts.answerWith = answerXml(403, () => stsErrorXml('AccessDenied'));
  const refused = await exec(['echo', 'started']);
  assert.deepEqual([refused.exitCode, refused.stdout], [3, '']);
  assert.match(refused.stderr, /^error: STS .* AccessDenied.*trust policy.*\[STS_REFUSED\]\n$/);
  const none = await exec(['echo', 'started'], { env: { ...BASE, HOME: folder, AWS_ROLE_ARN: ROLE } });
  assert.deepEqual([none.exitCode, none.stdout], [3, '']);
  assert.match(none.stderr, /^error: .*\[NO_AWS_CREDENTIALS\]\n$/);
});

test('a command line without -- is refused, before podrole takes its options', async () => {
  const { child, printed, ended } = startPodrole(['exec', 'aws', '--region', 'us-east-1'], WITH_TOKEN);
  child.stdin.end();
  assert.deepEqual(await ended, [2, null]);
  assert.match(printed.stderr, /^error: aws: does not stand after --; .*\[USAGE\]\n$/);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
  test(`${signal} is passed on, and the command decides`, async () => {
    const script = `trap 'echo got; exit 7' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`;
    const { child, printed, ended } = startPodrole(['exec', '--', 'sh', '-c', script], WITH_TOKEN);
    child.stdin.end();
    await waitFor(() => printed.stdout.includes('ready'), 'the command to run');
    child.kill(signal);
    assert.deepEqual(await ended, [7, null]);
    assert.equal(printed.stdout, 'ready\ngot\n');
  });
}

test('on a terminal, which sends SIGINT to the command itself, podrole does not send another one', async () => {
  assert.match(await onTerminal(COUNT_SIGINT), /SIGINT 0 times/);
});

test('the session is renewed with the token that the file has by then', async () => {
  sts.answerWith = (request, response) => {
    const xml = credentialsXml(new Date(Date.now() + 4_000).toISOString()).replace(
      'ASIAPEEREXAMPLE',
      `ASIAPEER${sts.calls.length}`,
    );
    answerXml(200, () => xml)(request, response);
  };
  const script = `echo ready; while :; do
    curl -s -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" $AWS_CONTAINER_CREDENTIALS_FULL_URI | grep ASIAPEER2 && exit
    sleep 0.1; done`;
  const { child, printed, ended } = startPodrole(['exec', '--', 'sh', '-c', script], WITH_TOKEN);
  child.stdin.end();
  await waitFor(() => printed.stdout.includes('ready'), 'the command to run');
  writeFileSync(tokenFile, 'second.token.value');
  assert.deepEqual(await ended, [0, null]);
  assert.equal(sts.calls[1]?.get('WebIdentityToken'), 'second.token.value');
  assert.equal(printed.stderr, '');
});

test('a renewal that fails is one warning, and the command goes on', async () => {
  sts.answerWith = (request, response) => {
    const expiration = new Date(Date.now() + 4_000).toISOString();
    const [status, xml] =
      sts.calls.length === 1 ? [200, credentialsXml(expiration)] : [500, stsErrorXml('InternalFailure')];
    answerXml(status, () => xml)(request, response);
  };
  const { child, printed, ended } = startPodrole(['exec', '--', 'cat'], WITH_TOKEN);
  await waitFor(() => sts.calls.length >= 3, 'two failed renewals');
  child.stdin.end();
  assert.deepEqual(await ended, [0, null]);
  const lines = printed.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['warn'],
  );
  assert.match(lines[0].err.message, /InternalFailure/);
});

/** Sends podrole SIGINT, then SIGTERM, which is passed on in any case; prints how often SIGINT came back. */
const COUNT_SIGINT = `
  let count = 0;
  process.on('SIGINT', () => { count += 1; });
  process.on('SIGTERM', () => { console.log('SIGINT', count, 'times'); process.exit(); });
  process.kill(process.ppid, 'SIGINT');
  process.kill(process.ppid, 'SIGTERM');
  setInterval(() => {}, 1000);`;

/** Runs a program of Node by `podrole exec` in a terminal of its own; returns what is printed there. */
async function onTerminal(program: string): Promise<string> {
  const cli = fileURLToPath(new URL('../../cli/podrole.js', import.meta.url));
  const child = spawn('script', ['-qec', '"$NODE" "$CLI" exec -- "$NODE" -e "$PROGRAM"', '/dev/null'], {
    env: {
      ...{ ...WITH_TOKEN, PATH: process.env['PATH'], SHELL: '/bin/sh' },
      ...{ NODE: process.execPath, CLI: cli, PROGRAM: program },
    },
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  await once(child, 'close');
  return text;
}
