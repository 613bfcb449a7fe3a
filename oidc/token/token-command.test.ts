import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { startMemoryIam } from '../../testing/aws/memory-iam.ts';
import { serveHostSts, serveSite } from '../../testing/oidc/host-site.ts';
import { runCli } from '../../testing/processes/cli.ts';
import { startPodrole } from '../../testing/processes/podrole-process.ts';
import { until } from '../../testing/until.ts';

const ISSUER = 'https://hosts.test/docker';
const SUBJECT = 'system:serviceaccount:hosts:vm-1';
/** Neither a kubeconfig nor a home is there. */
const NO_CLUSTER = { PATH: '/nonexistent', HOME: '/nonexistent' };

const folder = mkdtempSync(join(tmpdir(), 'podrole-token-'));
const at = (name: string) => join(folder, name);
let site: Awaited<ReturnType<typeof serveSite>>;
let sts: Awaited<ReturnType<typeof serveHostSts>>;

const podrole = (...args: readonly string[]) => runCli(args, { env: NO_CLUSTER });
const verified = () => ['--verify-ca', at('ca.crt'), '--verify-connect-to', site.address];
const TOKEN = ['token', '--issuer', ISSUER, '--subject', SUBJECT];
const signedBy = (key: string) => [...TOKEN, '--signing-key', at(`${key}/sa.key`)];

async function done(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await podrole(...args);
  assert.equal(exitCode, 0, stdout + stderr);
  return stdout;
}

/** Binds a role in an IAM, without a cluster. Returns its trust policy. */
async function bindRole(): Promise<unknown> {
  const iam = await startMemoryIam();
  Object.assign(process.env, {
    ...{ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example', AWS_REGION: 'eu-central-1' },
    ...{ AWS_ENDPOINT_URL_IAM: iam.url, AWS_ENDPOINT_URL_STS: iam.url },
  });
  try {
    await done(
      ...['bind', '-n', 'hosts', 'vm-1', '--role-only', '--issuer', ISSUER, '--account-id', iam.account],
      ...['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E', '--approve'],
    );
    return JSON.parse(iam.roles.get('hosts-vm-1')?.trustPolicy ?? '');
  } finally {
    await iam.stop();
  }
}

/** Returns the ARN of the session that a token gets, or the name of the error. */
async function assume(token: string): Promise<string> {
  const client = new STSClient({
    region: 'eu-west-1',
    endpoint: sts.url,
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
  });
  const call = new AssumeRoleWithWebIdentityCommand({
    RoleArn: 'arn:aws:iam::111122223333:role/hosts-vm-1',
    RoleSessionName: 'vm-1',
    WebIdentityToken: token.trim(),
  });
  try {
    return String((await client.send(call)).AssumedRoleUser?.Arn);
  } catch (thrown) {
    return (thrown as Error).name;
  }
}
const SESSION = 'arn:aws:sts::111122223333:assumed-role/hosts-vm-1/vm-1';

before(async () => {
  await done('keys', 'create', '--out', at('pki'));
  await done('keys', 'create', '--out', at('other'), '--type', 'ec-p256');
  site = await serveSite('hosts.test', at('site'));
  writeFileSync(at('ca.crt'), site.ca);
  const keys = ['--key-file', at('pki/sa.pub'), '--to', at('site')];
  await done('publish', '--issuer', ISSUER, ...keys, ...verified());
  sts = await serveHostSts({ issuer: ISSUER, site, role: 'hosts-vm-1', trustPolicy: await bindRole() });
});
after(async () => {
  await Promise.all([site.close(), sts.close()]);
  rmSync(folder, { recursive: true });
});

test('keys create, publish, bind --role-only and token lead to a session, all without a cluster', async () => {
  assert.equal(await assume(await done(...signedBy('pki'))), SESSION);
});

test('STS refuses another subject, another audience and another key', async () => {
  const cases: readonly (readonly [args: readonly string[], error: string])[] = [
    [[...signedBy('pki'), '--subject', 'system:serviceaccount:hosts:vm-2'], 'AccessDenied'],
    [[...signedBy('pki'), '--audience', 'vault'], 'InvalidIdentityTokenException'],
    [signedBy('other'), 'InvalidIdentityTokenException'],
  ];
  for (const [args, error] of cases) {
    // The last of two flags counts.
    assert.equal(await assume(await done(...args)), error, args.join(' '));
  }
});

test('--verify fetches the keys of the issuer, and gives no token that they do not verify', async () => {
  assert.equal(await assume(await done(...signedBy('pki'), '--verify', ...verified())), SESSION);
  const file = at('unverified');
  const refused = await podrole(...signedBy('other'), '--verify', ...verified(), '--file', file);
  assert.equal(refused.exitCode, 3);
  assert.match(
    refused.stderr,
    /issuer https:\/\/hosts\.test\/docker: does not publish the key .*run podrole publish .*\[ISSUER_NOT_SERVED\]/,
  );
  assert.throws(() => statSync(file));
  const nobody = ['--verify-ca', at('ca.crt'), '--verify-connect-to', '127.0.0.1:1'];
  const unreachable = await podrole(...signedBy('pki'), '--verify', ...nobody);
  assert.equal(unreachable.exitCode, 3);
  assert.match(unreachable.stderr, /\[ISSUER_NOT_SERVED\]/);
  assert.equal(unreachable.stdout, '');
});

test('--file writes a file that only its owner reads, and prints no token', async () => {
  const file = at('token');
  const printed = await done(...signedBy('pki'), '--file', file, '--lifetime', '24h');
  assert.match(printed, /token: token of system:serviceaccount:hosts:vm-1, valid until 20\d\d-.*Z\n$/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(await assume(readFileSync(file, 'utf8')), SESSION);
  await done(...signedBy('pki'), '--file', file, '--token-mode', '0644');
  assert.equal(statSync(file).mode & 0o777, 0o644);
});

const refused: readonly (readonly [
  name: string,
  args: readonly string[],
  words: RegExp,
  exitCode: number,
])[] = [
  ['an issuer with a port', ['--issuer', 'https://a.test:1'], /has a port.*INVALID_ISSUER/, 3],
  ['an issuer over http', ['--issuer', 'http://a.test'], /https:\/\/.*INVALID_ISSUER/, 3],
  ['a subject with a line end', ['--subject', 'a\nb'], /--subject: is .*ASCII/, 2],
  ['a lifetime that is too short', ['--lifetime', '599s'], /from 10m to 24h/, 2],
  ['a lifetime that is too long', ['--lifetime', '24h1s'], /from 10m to 24h/, 2],
  ['a lifetime of parts of a second', ['--lifetime', '600.5s'], /whole seconds/, 2],
  ['--file and --watch', ['--file', 'a', '--watch', 'b/c'], /--watch: excludes --file/, 2],
  ['a mode without a file', ['--token-mode', '0644'], /--token-mode: is for --file or --watch/, 2],
  ['a mode that lets others write', ['--file', 'a', '--token-mode', '0666'], /0600, 0640 or 0644/, 2],
  [
    'a group that reads nothing',
    ['--file', 'a', '--token-group', '1', '--token-mode', '0600'],
    /may not read/,
    2,
  ],
  ['a folder', ['--file', 'a/'], /is not the name of a file/, 2],
  ['..data', ['--watch', 'a/..data'], /is not the name of a file/, 2],
  ['a file in no folder', ['--file', '/nonexistent/a'], /NOT_WRITTEN/, 3],
];
for (const [name, args, words, exitCode] of refused) {
  test(`${name} is refused`, async () => {
    const result = await podrole(...signedBy('pki'), ...args);
    assert.equal(result.exitCode, exitCode, result.stderr);
    assert.match(result.stderr, words);
    assert.equal(result.stdout, '');
  });
}

test('--watch keeps a token in its folder until SIGTERM, ends with 0, and leaves the token', async () => {
  const file = at('watched/token');
  const { child, printed, ended } = startPodrole(
    [...signedBy('pki'), '--watch', file, '--token-mode', '0644', '--verify', ...verified()],
    {},
  );
  await until(() => printed.stdout.includes('token written'), 'a token');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null], printed.stderr);
  const token = readFileSync(file, 'utf8');
  assert.equal(await assume(token), SESSION);
  assert.ok(!printed.stdout.includes(token.slice(0, 40)), 'the log holds no token');
});

test('without its key, --watch ends before it writes anything', async () => {
  await done('keys', 'create', '--out', at('moved'));
  renameSync(at('moved/sa.key'), at('moved/away'));
  const { exitCode, stderr } = await podrole(...signedBy('moved'), '--watch', at('never/token'));
  assert.equal(exitCode, 3);
  assert.match(stderr, /--signing-key .*UNREADABLE_FILE/);
  assert.throws(() => statSync(at('never')));
});
