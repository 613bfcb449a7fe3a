import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { drain, listen } from '../../../lib/http/serve.ts';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { createToken } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { runPodrole } from '../../setup/run-podrole.ts';

/**
 * A rotation on a real API server, which is restarted with the flags that podrole requests. --now and
 * --reason skip the waits: podrole checks that its clock and the API server's agree, so that the test cannot
 * change the time.
 */
const ISSUER = 'https://oidc.example.test';
const AUDIENCE = 'sts.amazonaws.com';
const DAY_SECONDS = 86_400;

const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-rotate-'));
after(() => rm(folder, { recursive: true, force: true }));
const at = (name: string) => path.join(folder, name);
const site = at('site');
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
await writeFile(at('new.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
await writeFile(at('new.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
const authority = await createAuthority('public authority');
await writeFile(at('ca.crt'), authority.cert);

const cluster = await startControlPlane({ issuer: ISSUER });
after(() => cluster.stop());
const server = createServer(await authority.issue([new URL(ISSUER).host]), ({ url = '/' }, response) => {
  const file = path.join(site, url);
  response.statusCode = existsSync(file) ? 200 : 404;
  response.end(existsSync(file) ? readFileSync(file) : '');
});
await listen(server, 443, '127.0.0.2');
after(() => drain(server, 0));

const env = { HOME: folder, USER: 'ada', KUBECONFIG: cluster.kubeconfig };
const shared = ['--to', site, '--verify-ca', at('ca.crt'), '-o', 'json'];
const published = await runPodrole(['publish', ...shared], env);
assert.equal(published.code, 0, published.stdout + published.stderr);

const [OLD_PUBLIC, NEW_PUBLIC] = [
  cluster.apiServerArguments.find((flag) => flag.startsWith('--service-account-key-file=')) ?? '',
  `--service-account-key-file=${at('new.pub')}`,
];
const OLD_SIGNER =
  cluster.apiServerArguments.find((flag) => flag.startsWith('--service-account-signing-key-file=')) ?? '';
const NEW_SIGNER = `--service-account-signing-key-file=${at('new.key')}`;
const otherFlags = cluster.apiServerArguments.filter((flag) => flag !== OLD_PUBLIC && flag !== OLD_SIGNER);

async function restartWith(...keyFlags: readonly string[]): Promise<void> {
  await cluster.stopApiServer();
  await cluster.startApiServer([...otherFlags, ...keyFlags]);
}

interface Step {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly report: { readonly outcome: string; readonly phase: string; readonly faults: { code: string }[] };
}

async function rotate(step: string, ...more: readonly string[]): Promise<Step> {
  const run = await runPodrole(['keys', 'rotate', step, ...shared, ...more], env);
  assert.ok(run.stdout.startsWith('{'), run.stderr);
  return { ...run, report: JSON.parse(run.stdout) };
}

async function expectStep(step: string, phase: string, ...more: readonly string[]): Promise<void> {
  const { code, stdout, report } = await rotate(step, ...more);
  assert.deepEqual([code, report.outcome, report.phase], [0, 'complete', phase], stdout);
  await expectLiveTokens();
}

async function expectRefusal(
  expected: readonly string[],
  step: string,
  ...more: readonly string[]
): Promise<Step> {
  const refused = await rotate(step, ...more);
  const codes = refused.report.faults.map(({ code }) => code);
  assert.deepEqual([refused.code, codes], [3, expected], refused.stdout);
  await expectLiveTokens();
  return refused;
}

const tokens: string[] = [];

function publishedKeys() {
  return createLocalJWKSet(JSON.parse(readFileSync(path.join(site, 'openid/v1/jwks'), 'utf8')));
}

/**
 * Mints another token, and asserts that all tokens so far verify with the published keys and are valid for
 * the API server.
 */
async function expectLiveTokens(): Promise<void> {
  const asked = { audience: AUDIENCE, expirationSeconds: DAY_SECONDS };
  tokens.push(await createToken(cluster, 'default', 'default', asked));
  for (const token of tokens) {
    await jwtVerify(token, publishedKeys(), { issuer: ISSUER, audience: AUDIENCE });
    assert.equal(await isAccepted(token), true);
  }
}

async function isAccepted(token: string): Promise<boolean> {
  const review = { spec: { token, audiences: [AUDIENCE] } };
  const { body } = await cluster.request('POST', '/apis/authentication.k8s.io/v1/tokenreviews', review);
  return (body as { status: { authenticated?: boolean } }).status.authenticated === true;
}

const hurry = ['--now', '--reason', 'the test cannot wait for a day'] as const;

test('the new key is published besides the old one, then every API server verifies with it', async () => {
  await expectLiveTokens();
  await expectStep('start', 'published', '--key-file', at('new.pub'));
  await expectRefusal(['ROTATION_NOT_TRUSTED'], 'trust');
  await restartWith(OLD_PUBLIC, NEW_PUBLIC, OLD_SIGNER);
  await expectStep('trust', 'trusted');
});

test('a signer that is switched too early is detected, and must be switched back', async () => {
  await expectRefusal(['ROTATION_TOO_EARLY'], 'switch');
  await restartWith(OLD_PUBLIC, NEW_PUBLIC, NEW_SIGNER);
  await expectRefusal(['ROTATION_TOO_EARLY', 'ROTATION_SWITCHED_EARLY'], 'switch');
  await expectRefusal(['ROTATION_CANNOT_ABORT'], 'abort');
  await restartWith(OLD_PUBLIC, NEW_PUBLIC, OLD_SIGNER);
});

test('the switch step shows when it is allowed, and is done once every API server signs with the new key', async () => {
  const { stderr } = await expectRefusal(['ROTATION_NOT_SWITCHED'], 'switch', ...hurry);
  assert.match(stderr, /--now: STS may refuse new tokens for up to \d+ min/);
  await restartWith(OLD_PUBLIC, NEW_PUBLIC, NEW_SIGNER);
  await expectStep('switch', 'switched');
  const again = await rotate('switch');
  assert.deepEqual([again.code, again.report.outcome], [0, 'done']);
});

test('the old key stays until its last token has expired, and a step back is detected', async () => {
  await expectRefusal(['ROTATION_TOO_EARLY'], 'finish');
  await restartWith(OLD_PUBLIC, NEW_PUBLIC, OLD_SIGNER);
  await expectRefusal(['ROTATION_SWITCHED_BACK'], 'finish');
  await restartWith(OLD_PUBLIC, NEW_PUBLIC, NEW_SIGNER);
  await expectStep('switch', 'switched');
});

test('in the end only the new key remains, and tokens of the old one are refused', async (t) => {
  const { stderr } = await expectRefusal(['ROTATION_STILL_TRUSTED'], 'finish', ...hurry);
  assert.match(stderr, /--now: tokens of the old key, minted before .* would be refused/);
  await restartWith(NEW_PUBLIC, NEW_SIGNER);
  const { code, stdout, report } = await rotate('finish');
  assert.deepEqual([code, report.phase], [0, 'finished'], stdout);
  const newKid = decodeProtectedHeader(tokens.at(-1) ?? '').kid;
  const isNew = (token: string) => decodeProtectedHeader(token).kid === newKid;
  t.diagnostic(`${tokens.length} tokens, ${tokens.filter(isNew).length} of the new key`);
  for (const token of tokens) {
    const verified = jwtVerify(token, publishedKeys(), { issuer: ISSUER, audience: AUDIENCE });
    if (isNew(token)) await verified;
    else await assert.rejects(verified, { code: 'ERR_JWKS_NO_MATCHING_KEY' });
    assert.equal(await isAccepted(token), isNew(token));
  }
});
