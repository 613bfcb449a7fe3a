import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { drain, listen } from '../../lib/http/serve.ts';
import { ROLE, startLocalSts } from '../../testing/aws/local-sts.ts';
import {
  answerXml,
  credentialsXml,
  PEER_SECRETS,
  stsErrorXml,
  useStsPeer,
} from '../../testing/aws/sts-peer.ts';
import { startIssuer } from '../../testing/oidc/issuer.ts';
import { runCli } from '../../testing/processes/cli.ts';

const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-whoami-'));
after(() => rm(folder, { recursive: true }));
const tokenFile = path.join(folder, 'token');
const reportFile = path.join(folder, 'report');
const issuer = await startIssuer();
after(() => issuer.close());
const sts = await startLocalSts(issuer);
after(() => sts.close());
const peer = await useStsPeer();
await writeFile(tokenFile, await issuer.sign());

const HOME = { HOME: folder };
const WEB_IDENTITY = { ...HOME, AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile };
const AT_STS = { AWS_ENDPOINT_URL_STS: sts.url, AWS_REGION: 'eu-west-1' };
const AT_PEER = { AWS_ENDPOINT_URL_STS: peer.url, AWS_REGION: 'eu-west-1' };

interface Printed {
  readonly identity?: { arn: string; account: string; role: string; sessionName: string };
  readonly source?: string;
  readonly expiration?: string;
  readonly steps: readonly { name: string; state: string; ms: number }[];
  readonly faults: readonly { code: string; problem: string; remedy: string }[];
}

async function whoami(env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const result = await runCli(['whoami', '-o', 'json', ...args], { env });
  return { ...result, report: JSON.parse(result.stdout) as Printed };
}

async function withProcessEnv(env: Readonly<Record<string, string>>, action: () => Promise<unknown>) {
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    await action();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  const port = await listen(server, 0, '127.0.0.1');
  after(() => drain(server, 0));
  return `http://127.0.0.1:${port}`;
}

test('web identity: identity, source, end and times, the same in the report file, and no credential', async () => {
  const { exitCode, stdout, report } = await whoami(
    { ...WEB_IDENTITY, ...AT_STS },
    '--report-file',
    reportFile,
  );
  assert.equal(exitCode, 0);
  assert.deepEqual(report.identity, {
    arn: 'arn:aws:sts::111122223333:assumed-role/web/podrole-whoami',
    account: '111122223333',
    role: 'web',
    sessionName: 'podrole-whoami',
  });
  assert.equal(report.source, `web identity token ${tokenFile}`);
  assert.match(report.expiration ?? '', /^\d{4}-.*Z$/);
  assert.deepEqual(
    report.steps.map(({ name, state, ms }) => [name, state, Number.isInteger(ms)]),
    [
      ['source', 'ok', true],
      ['credentials', 'ok', true],
      ['identity', 'ok', true],
    ],
  );
  assert.deepEqual(JSON.parse(await readFile(reportFile, 'utf8')), report);
  assert.doesNotMatch(stdout, /eyJ|ASIA|secret/i);
});

test('as text and as YAML', async () => {
  const text = await runCli(['whoami'], { env: { ...WEB_IDENTITY, ...AT_STS } });
  assert.match(
    text.stdout,
    /^account {2}111122223333\narn {6}arn:aws:sts::.*\nrole {5}web\nsession {2}podrole-whoami\nsource/,
  );
  assert.match(text.stdout, /\n\nok {7}source .*\nok {7}credentials +\d.*\nok {7}identity /);
  const yaml = await runCli(['whoami', '-o', 'yaml'], { env: { ...WEB_IDENTITY, ...AT_STS } });
  assert.match(yaml.stdout, /^ {2}role: web$/m);
});

test('the words of STS and a remedy, and the steps until then', async () => {
  const REFUSALS = [
    ['AccessDenied', 'STS_REFUSED', /trust policy/],
    ['InvalidIdentityToken', 'STS_REFUSED', /OIDC provider/],
    ['ExpiredTokenException', 'STS_REFUSED', /clock/],
    ['Throttling', 'STS_FAILED', /wait/],
  ] as const;
  for (const [said, code, remedy] of REFUSALS) {
    peer.answerWith = answerXml(said === 'Throttling' ? 400 : 403, () => stsErrorXml(said));
    const { exitCode, stderr, report } = await whoami({ ...WEB_IDENTITY, ...AT_PEER });
    assert.notEqual(exitCode, 0);
    assert.equal(report.faults[0]?.code, code);
    assert.match(report.faults[0]?.problem ?? '', new RegExp(`${said}.*as AWS says it`));
    assert.match(report.faults[0]?.remedy ?? '', remedy);
    assert.deepEqual(
      report.steps.map(({ state }) => state),
      ['ok', 'failed'],
    );
    assert.match(stderr, new RegExp(code));
  }
});

test('an STS without GetCallerIdentity named the session before', async () => {
  peer.answerWith = (request, response) =>
    answerXml(peer.calls.at(-1)?.get('Action') === 'GetCallerIdentity' ? 405 : 200, () =>
      peer.calls.at(-1)?.get('Action') === 'GetCallerIdentity'
        ? stsErrorXml('MethodNotAllowed')
        : credentialsXml(),
    )(request, response);
  const { stdout, report } = await whoami({ ...WEB_IDENTITY, ...AT_PEER });
  assert.equal(report.identity?.role, 'web');
  for (const secret of Object.values(PEER_SECRETS)) assert.ok(!stdout.includes(secret));
});

test('container credentials with an authorization token; the secret path is not printed', async () => {
  const credentials = await sts.assume();
  const authorizationFile = path.join(folder, 'authorization');
  await writeFile(authorizationFile, 'let-me-in\n');
  const url = await serve(({ headers, url: asked }, response) => {
    if (headers.authorization !== 'let-me-in' || asked !== '/v1/credentials/hidden') {
      return response.writeHead(401).end('not you, let-me-in');
    }
    const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token } = credentials;
    response.end(JSON.stringify({ AccessKeyId, SecretAccessKey, Token, Expiration: '2030-01-01T00:00:00Z' }));
  });
  const env = { ...HOME, ...AT_STS, AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials/hidden` };
  const file = { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: authorizationFile };
  const { stdout, report } = await whoami({ ...env, ...file });
  assert.equal(report.identity?.role, 'web');
  assert.equal(report.expiration, '2030-01-01T00:00:00Z');
  assert.doesNotMatch(stdout, /hidden|let-me-in/);
  const refused = await whoami({ ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'wrong' });
  assert.equal(refused.report.faults[0]?.code, 'CREDENTIALS_REFUSED');
  const byAgent = { ...env, ...file, AWS_ROLE_ARN: ROLE, PODROLE_TOKEN_FILE: tokenFile };
  for (const source of ['auto', 'container']) {
    const served = await whoami(byAgent, '--source', source);
    assert.equal(served.report.identity?.role, 'web');
    assert.match(served.report.source ?? '', /^container credentials/);
  }
  const both = await runCli(['whoami'], { env: { ...WEB_IDENTITY, ...env, ...file } });
  assert.match(both.stderr, /note: also set up: container/);
  assert.match(both.stdout, /source {3}web identity/);
});

test('instance metadata only where the variable says so', async () => {
  const credentials = await sts.assume();
  const asked: string[] = [];
  const url = await serve(({ method, url: target = '', headers }, response) => {
    asked.push(`${method} ${target}`);
    if (method === 'PUT') return response.end('session-token');
    if (headers['x-aws-ec2-metadata-token'] !== 'session-token') return response.writeHead(401).end();
    if (target.endsWith('/')) return response.end('web');
    const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token } = credentials;
    response.end(JSON.stringify({ AccessKeyId, SecretAccessKey, Token }));
  });
  const { report } = await whoami({ ...HOME, ...AT_STS, AWS_EC2_METADATA_SERVICE_ENDPOINT: url });
  assert.equal(report.identity?.role, 'web');
  assert.equal(asked.length, 3);
  const without = await whoami({ ...HOME, ...AT_STS });
  assert.equal(without.report.faults[0]?.code, 'NO_AWS_CREDENTIALS');
});

test('the mode auto of the SDK does not ask the metadata for a region', async () => {
  let asked = 0;
  const metadata = await serve((_, response) => {
    asked += 1;
    response.end('eu-west-1');
  });
  const env = { AWS_DEFAULTS_MODE: 'auto', AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata };
  // The SDK reads the variables of the process.
  await withProcessEnv(env, async () => {
    const { exitCode } = await whoami({ ...WEB_IDENTITY, ...AT_STS, ...env });
    assert.deepEqual([exitCode, asked], [0, 0]);
  });
  const { accessKeyId, secretAccessKey, sessionToken = '' } = await sts.assume();
  const [configFile, credentialsFile] = [path.join(folder, 'config'), path.join(folder, 'credentials')];
  await writeFile(
    credentialsFile,
    `[base]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\naws_session_token=${sessionToken}\n`,
  );
  await writeFile(configFile, `[profile web]\nrole_arn=${ROLE}\nsource_profile=base\n`);
  const files = { AWS_CONFIG_FILE: configFile, AWS_SHARED_CREDENTIALS_FILE: credentialsFile };
  const profile = { ...HOME, ...AT_STS, ...env, ...files, AWS_PROFILE: 'web' };
  await withProcessEnv(profile, () => whoami(profile));
  assert.equal(asked, 0);
});

test('an STS that repeats the credentials, and a path that is a secret: neither is printed', async () => {
  const keys = { id: 'AKIAEXAMPLEEXAMPLE', secret: 'short/secret', token: 'a-session-token' };
  const repeated = Object.values(keys).join(' and ');
  const env = {
    AWS_ACCESS_KEY_ID: keys.id,
    AWS_SECRET_ACCESS_KEY: keys.secret,
    AWS_SESSION_TOKEN: keys.token,
  };
  const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::1:${repeated}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`;
  const refused = `<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>${repeated}</Message></Error></ErrorResponse>`;
  for (const [status, body] of [
    [200, identity],
    [403, refused],
  ] as const) {
    peer.answerWith = answerXml(status, () => body);
    const { stdout, stderr } = await whoami({ ...HOME, ...AT_PEER, ...env });
    assert.match(stdout, /redacted/);
    for (const secret of Object.values(keys)) assert.ok(!`${stdout}${stderr}`.includes(secret), secret);
  }
  for (const variable of ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']) {
    const given = { [variable]: 'http://example.test/credentials/hidden' };
    const { stdout, stderr } = await whoami({ ...HOME, ...AT_STS, ...given });
    assert.match(stderr, /\[INVALID_SETTING\]|INVALID_SETTING/);
    assert.doesNotMatch(`${stdout}${stderr}`, /hidden/);
  }
});

test('a report file that cannot be written hides nothing', async () => {
  const { stdout, stderr } = await runCli(['whoami', '--report-file', path.join(folder, 'no/such/folder')], {
    env: { ...WEB_IDENTITY, ...AT_STS },
  });
  assert.match(stdout, /assumed-role\/web/);
  assert.match(stderr, /\[NOT_WRITTEN\]/);
});

test('faults of the settings', async () => {
  const CASES: readonly (readonly [env: Record<string, string>, code: string])[] = [
    [{ AWS_ROLE_ARN: ROLE }, 'INVALID_SETTING'],
    [{ AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y\n' }, 'INVALID_SETTING'],
    [{ AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y', AWS_SESSION_TOKEN: 'ü' }, 'INVALID_SETTING'],
    [{ AWS_ACCESS_KEY_ID: 'x' }, 'INVALID_SETTING'],
    [{ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.test/x' }, 'INVALID_SETTING'],
    [{ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'nowhere' }, 'INVALID_SETTING'],
    [{ AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: path.join(folder, 'none') }, 'TOKEN_UNREADABLE'],
    [{ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/' }, 'CREDENTIALS_UNREACHABLE'],
    [{}, 'NO_AWS_CREDENTIALS'],
  ];
  for (const [env, code] of CASES) {
    const { exitCode, report } = await whoami({ ...HOME, ...AT_STS, ...env });
    assert.notEqual(exitCode, 0);
    assert.equal(report.faults[0]?.code, code, JSON.stringify(env));
  }
});
