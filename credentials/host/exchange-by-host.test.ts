import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import { drain, listen } from '../../lib/http/serve.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import { ROLE, startLocalSts } from '../../testing/aws/local-sts.ts';
import { targetCredentialsXml } from '../../testing/aws/sts-peer.ts';
import { verifiesSignatures } from '../../testing/aws/verifying-sts.ts';
import { useIssuer } from '../../testing/oidc/issuer.ts';
import { ExchangeError } from '../exchange/exchange-error.ts';
import { exchangeByHost } from './exchange-by-host.ts';

const SHOP = 'arn:aws:iam::111122223333:role/shop';
const UNTAGGED = 'arn:aws:iam::111122223333:role/untagged';
const trusting = (arn: string, Action: readonly string[]) => ({
  arn,
  trustPolicy: { Statement: { Effect: 'Allow', Principal: { AWS: ROLE }, Action } },
});
const issuer = await useIssuer();
const sts = await startLocalSts(issuer, [
  trusting(SHOP, ['sts:AssumeRole', 'sts:TagSession']),
  trusting(UNTAGGED, ['sts:AssumeRole']),
]);
after(() => sts.close());
const host = await sts.assume();

const home = mkdtempSync(join(tmpdir(), 'podrole-host-'));
after(() => rmSync(home, { recursive: true }));
mkdirSync(join(home, '.aws'));
const CONFIG = join(home, '.aws/config');
const CREDENTIALS = join(home, '.aws/credentials');

/** The SDK reads the environment of this process. */
function setEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  const base = { HOME: home, AWS_CONFIG_FILE: CONFIG, AWS_SHARED_CREDENTIALS_FILE: CREDENTIALS };
  Object.assign(process.env, { ...base, AWS_EC2_METADATA_DISABLED: 'true', ...variables });
}

const keysAsVariables = ({ accessKeyId, secretAccessKey, sessionToken }: typeof host) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
});
const keysAsProfile = ({ accessKeyId, secretAccessKey, sessionToken }: typeof host) =>
  `aws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\naws_session_token=${sessionToken}\n`;

beforeEach(() => {
  sts.aheadMs = 0;
  writeFileSync(CONFIG, '');
  writeFileSync(CREDENTIALS, '');
  setEnvironment({});
});

function open(url = sts.url, clock = systemClock) {
  return exchangeByHost({
    sts: { endpoint: new URL(url), caFile: undefined },
    region: 'eu-central-1',
    env: process.env,
    own: { ports: [9931], addresses: [] },
    clock,
  });
}
const ASKED = { roleArn: SHOP, sessionName: 'podrole-web', durationSeconds: 3_600 };
const exchange = (asked: Partial<typeof ASKED> & { readonly tags?: Record<string, string> } = {}) =>
  open()({ ...ASKED, ...asked })(NEVER_ABORTED);

const failsWith =
  (code: string, retry: string, ...said: readonly RegExp[]) =>
  (thrown: unknown) => {
    assert.ok(thrown instanceof ExchangeError, String(thrown));
    assert.deepEqual([thrown.code, thrown.retry], [code, retry], thrown.message);
    for (const pattern of said) assert.match(thrown.message, pattern);
    for (const secret of [host.secretAccessKey, host.sessionToken])
      assert.ok(!thrown.message.includes(secret));
    return true;
  };

test('keys of the environment, with tags that are not transitive', async () => {
  setEnvironment(keysAsVariables(host));
  const { assumedRoleArn } = await exchange({ tags: { 'podrole-container-name': 'web' } });
  assert.equal(assumedRoleArn, 'arn:aws:sts::111122223333:assumed-role/shop/podrole-web');
  assert.equal(sts.lines.at(-1)?.['action'], 'AssumeRole');
});

test('keys of the default profile; what changes in the file counts for the next exchange', async () => {
  const role = open()(ASKED);
  writeFileSync(CREDENTIALS, '[default]\naws_access_key_id=AKIAUNKNOWN\naws_secret_access_key=unknown\n');
  await assert.rejects(
    role(NEVER_ABORTED),
    failsWith('STS_REFUSED', 'late', /InvalidClientTokenId.*renew the host's own/),
  );
  writeFileSync(CREDENTIALS, `[default]\n${keysAsProfile(host)}`);
  await role(NEVER_ABORTED);
});

test('a named profile whose process prints the keys', async () => {
  const printed = join(home, 'printed.json');
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken } = host;
  const Expiration = new Date(Date.now() + 3_600_000).toISOString();
  writeFileSync(
    printed,
    JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey, SessionToken, Expiration }),
  );
  writeFileSync(CONFIG, `[profile ci]\ncredential_process = cat ${printed}\n`);
  setEnvironment({ AWS_PROFILE: 'ci' });
  assert.equal((await exchange()).session.accessKeyId.slice(0, 4), 'ASIA');
});

const CI = { AWS_PROFILE: 'ci' };
const failing: readonly (readonly [
  name: string,
  config: string,
  env: Record<string, string>,
  said: RegExp,
])[] = [
  ['a named profile', '[profile ci]\ncredential_process = false\n', CI, /looked at profile "ci" \(/],
  ['the default profile', '[default]\ncredential_process = false\n', {}, /looked at profile "default" \(/],
  ['a profile of SSO without a login', '[default]\nsso_session = x\nsso_account_id = 1\n', {}, /sso/i],
  [
    'a profile without its source',
    '[default]\nrole_arn = x\nsource_profile = none\n',
    {},
    /profile: \[none\]/,
  ],
];
for (const [name, config, env, said] of failing) {
  test(`${name} that fails is not replaced by instance metadata`, async () => {
    const metadata = await serveMetadata(() => host);
    try {
      writeFileSync(CONFIG, config);
      setEnvironment({ ...env, ...metadata.variables });
      await assert.rejects(exchange(), failsWith('NO_AWS_CREDENTIALS', 'late', said));
      assert.deepEqual(metadata.requests, []);
    } finally {
      await metadata.close();
    }
  });
}

test('keys of the environment come before a default profile that fails', async () => {
  writeFileSync(CONFIG, '[default]\ncredential_process = false\n');
  setEnvironment(keysAsVariables(host));
  await exchange();
});

test('a default profile that names no source leaves it to instance metadata', async () => {
  const metadata = await serveMetadata(() => host);
  try {
    writeFileSync(CONFIG, '[default]\nregion = eu-central-1\noutput = json\n');
    setEnvironment(metadata.variables);
    await exchange();
  } finally {
    await metadata.close();
  }
});

test('instance metadata: asked once for many exchanges, and again after STS refused', async () => {
  let keys = host;
  const metadata = await serveMetadata(() => keys);
  try {
    setEnvironment(metadata.variables);
    const exchangeFor = open();
    await Promise.all([1, 2, 3].map(() => exchangeFor(ASKED)(NEVER_ABORTED)));
    const asked = metadata.requests.length;
    assert.equal(metadata.requests.filter((path) => path.endsWith('/host-role')).length, 1);
    await exchangeFor(ASKED)(NEVER_ABORTED);
    assert.equal(metadata.requests.length, asked);

    keys = await sts.assume();
    await assert.rejects(exchangeFor({ ...ASKED, durationSeconds: 7_200 })(NEVER_ABORTED));
    await exchangeFor(ASKED)(NEVER_ABORTED);
    assert.equal(metadata.requests.length, asked * 2);
  } finally {
    await metadata.close();
  }
});

test('container credentials of another server than podrole', async () => {
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token } = host;
  const Expiration = new Date(Date.now() + 3_600_000).toISOString();
  const server = createServer((request, response) => {
    const isKnown = request.headers.authorization === 'let me in';
    response.writeHead(isKnown ? 200 : 403, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKnown ? { AccessKeyId, SecretAccessKey, Token, Expiration } : {}));
  });
  const port = await listen(server, 0, '127.0.0.1');
  try {
    setEnvironment({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/creds`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'let me in',
    });
    await exchange();
  } finally {
    await drain(server, 0);
  }
});

test('an environment that leads to podrole itself is refused before anything is asked', () => {
  setEnvironment({ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://localhost:9931' });
  assert.throws(() => open(), /AWS_EC2_METADATA_SERVICE_ENDPOINT: leads to podrole itself/);
});

test('no credentials: the error lists the places', async () => {
  const places = /environment, default profile, web identity, then container credentials or instance/;
  await assert.rejects(
    exchange(),
    failsWith('NO_AWS_CREDENTIALS', 'late', places, /disabled/, /--token-file/),
  );
});

test('refusals of STS name the side of the principal and the settings', async () => {
  setEnvironment(keysAsVariables(host));
  const tags = { 'podrole-container-name': 'web' };
  const both = /trust policy of \S+untagged allows sts:AssumeRole and sts:TagSession for the host's identity/;
  await assert.rejects(
    exchange({ roleArn: UNTAGGED, tags }),
    failsWith('STS_REFUSED', 'late', both, /without --session-tags/),
  );
  await exchange({ roleArn: UNTAGGED });
  await assert.rejects(
    exchange({ durationSeconds: 7_200 }),
    failsWith('STS_REFUSED', 'late', /1 hour session limit/, /those of a role, within 3600 seconds/),
  );
  await assert.rejects(
    open()({ ...ASKED, policy: '{"Statement":7}' })(NEVER_ABORTED),
    failsWith('STS_REFUSED', 'late', /MalformedPolicyDocument/, /correct the session policy/),
  );
});

test('a wrong clock: the call is signed once more with the time of STS, and then at once', async () => {
  setEnvironment(keysAsVariables(host));
  const clock = { ...systemClock, now: () => new Date(Date.now() + 1_800_000) };
  const exchangeFor = open(sts.url, clock);
  const before = sts.lines.length;
  await exchangeFor(ASKED)(NEVER_ABORTED);
  await exchangeFor(ASKED)(NEVER_ABORTED);
  assert.deepEqual(
    sts.lines.slice(before).map(({ code }) => code),
    ['SignatureDoesNotMatch', 'OK', 'OK'],
  );
});

test('long-lived keys of a user sign without a session token', async () => {
  const user = { accessKeyId: 'AKIAUSEREXAMPLE', secretAccessKey: 'secret/of+the/user' };
  const arn = 'arn:aws:sts::111122223333:assumed-role/shop/podrole-web';
  const peer = await verifiesSignatures(user, () => targetCredentialsXml(arn));
  try {
    setEnvironment({ AWS_ACCESS_KEY_ID: user.accessKeyId, AWS_SECRET_ACCESS_KEY: user.secretAccessKey });
    const exchangeFor = open(peer.url);
    await exchangeFor({ ...ASKED, durationSeconds: 43_200 })(NEVER_ABORTED);
    assert.equal(peer.calls[0]?.get('DurationSeconds'), '43200');

    setEnvironment({ AWS_ACCESS_KEY_ID: user.accessKeyId, AWS_SECRET_ACCESS_KEY: 'wrong' });
    const refused = failsWith('STS_REFUSED', 'late', /SignatureDoesNotMatch/, /check the secret key/);
    await assert.rejects(exchangeFor(ASKED)(NEVER_ABORTED), refused);
  } finally {
    await peer.close();
  }
});

/** A stand-in for the instance metadata of the host. */
async function serveMetadata(keys: () => typeof host) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = String(request.url);
    requests.push(path);
    if (path.endsWith('/token')) return response.end('token');
    if (path.endsWith('/security-credentials/')) return response.end('host-role');
    const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token } = keys();
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    return response.end(JSON.stringify({ Code: 'Success', AccessKeyId, SecretAccessKey, Token, Expiration }));
  });
  const port = await listen(server, 0, '127.0.0.1');
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    requests,
    variables: { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint },
    close: () => drain(server, 0),
  };
}
