import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { SignJWT } from 'jose';
import { PodroleError } from '../../lib/errors.ts';
import { sampleGrant, samplePod, sampleRole } from '../../testing/agent/sample-pod.ts';
import { makeSigningKey, startTokenCluster, type TokenCluster } from '../../testing/agent/token-cluster.ts';
import type { NodePod } from '../pods/node-pod.ts';

let cluster: TokenCluster;
beforeEach(async () => {
  cluster = await startTokenCluster();
});
afterEach(() => cluster.api.stop());

const foreign = await makeSigningKey('rsa', 'RS256');
const ISSUER = 'https://issuer.test';
const AGENT = 'podrole.dev/agent';
const EKS = 'pods.eks.amazonaws.com';

const watch = (pod: NodePod) => cluster.watched.set(pod.uid, pod);

test('a token stands for its pod and its role, with and without Bearer', async () => {
  const token = await cluster.tokenFor();
  for (const text of [token, `Bearer ${token}`, `bearer ${token}\n`, ` ${token} `]) {
    const { pod, grant } = await cluster.verifier.verifyAgentToken(text);
    assert.deepEqual([pod.uid, grant.role.name], ['uid-web', 'web']);
  }
  assert.equal(await cluster.ask(await cluster.tokenFor({ key: cluster.ec })), 'web');
  assert.equal(cluster.keyReads(), 1);
});

test('the audience selects the role: of the pod, of a container, of the ServiceAccount', async () => {
  const own = sampleGrant({ container: 'proxy', role: sampleRole('of-proxy') });
  const podIdentityToken = { volumeName: 'eks-pod-identity-token', path: 'eks-pod-identity-token' };
  watch(samplePod('web', { grants: [own, sampleGrant({ role: sampleRole('of-pod') })], podIdentityToken }));
  const served = async (aud: unknown) => cluster.ask(await cluster.tokenFor({ claims: { aud } }));
  assert.equal(await served([AGENT]), 'of-pod');
  assert.equal(await served(AGENT), 'of-pod');
  assert.equal(await served([`${AGENT}/proxy`]), 'of-proxy');
  assert.equal(await served([`${AGENT}/other`]), 'NO_ROLE');
  assert.equal(await served([`${AGENT}/`]), 'NO_ROLE');
  assert.equal(await served([EKS]), 'annotated');
  watch(samplePod('web', { grants: [own] }));
  assert.equal(await served([AGENT]), 'NO_ROLE');
});

test("a pod of EKS's webhook: its own token is exchanged; without the setting it is told so", async () => {
  const token = await cluster.tokenFor({ claims: { aud: [EKS] } });
  await assert.rejects(cluster.verifier.verifyAgentToken(token), /has no volume with a token for pods\.eks/);
  const podIdentityToken = { volumeName: 'renamed', path: 'eks-pod-identity-token' };
  watch(samplePod('web', { podIdentityToken }));
  const { grant } = await cluster.verifier.verifyAgentToken(token);
  assert.deepEqual(grant.token, podIdentityToken);
  cluster.verifier = cluster.createVerifier(false);
  await assert.rejects(cluster.verifier.verifyAgentToken(token), /--service-account-roles/);
});

const HOSTILE: Readonly<Record<string, () => string | Promise<string>>> = {
  nothing: () => '',
  'the word Bearer': () => 'Bearer',
  'a megabyte': () => 'a'.repeat(1_000_000),
  'a megabyte of dots': () => '.'.repeat(1_000_000),
  'a megabyte in its payload': () => cluster.tokenFor({ claims: { x: 'a'.repeat(1_000_000) } }),
  'a kid of a megabyte': () => cluster.tokenFor({ header: { kid: 'k'.repeat(1_000_000) } }),
  'a kid of 10,000 characters': () => cluster.tokenFor({ header: { kid: 'k'.repeat(10_000) } }),
  'JSON nested 6,000 times': () =>
    `${base64('{"alg":"RS256","kid":"rsa"}')}.${base64('['.repeat(6_000))}.AAAA`,
  'alg none': async () => `${base64('{"alg":"none"}')}.${(await cluster.tokenFor()).split('.')[1]}.`,
  'alg none with a signature': async () =>
    `${base64('{"alg":"none"}')}.${(await cluster.tokenFor()).split('.')[1]}.AAAA`,
  'HMAC with the public key': () =>
    new SignJWT({ iss: ISSUER, aud: AGENT })
      .setProtectedHeader({ alg: 'HS256', kid: 'rsa' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(JSON.stringify(cluster.rsa.jwk))),
  'the kid of another key': () => cluster.tokenFor({ key: foreign }),
  'a key of its own in the header': () =>
    cluster.tokenFor({ key: foreign, header: { kid: 'own', jwk: foreign.jwk } }),
  'an address of keys': () =>
    cluster.tokenFor({
      key: foreign,
      header: { kid: 'own', jku: `${cluster.api.url}/x`, x5u: `${cluster.api.url}/y` },
    }),
  'an extension': () => cluster.tokenFor({ header: { crit: ['x'], x: 1 } }),
  'another issuer': () => cluster.tokenFor({ claims: { iss: 'https://other.test' } }),
  'no issuer': () => cluster.tokenFor({ claims: { iss: undefined } }),
  'an issuer that is a list': () => cluster.tokenFor({ claims: { iss: [ISSUER] } }),
  'expired for two minutes': () => cluster.tokenFor({ lifetimeSeconds: -120 }),
  'no expiry': () => cluster.tokenFor({ claims: { exp: undefined } }),
  'an expiry that is a string': () => cluster.tokenFor({ claims: { exp: '9999999999' } }),
  'from an hour on': () =>
    cluster.tokenFor({ claims: { nbf: cluster.time.clock().now().getTime() / 1_000 + 3_600 } }),
  'the audience of STS': () => cluster.tokenFor({ claims: { aud: ['sts.amazonaws.com'] } }),
  'the audience of the API server': () =>
    cluster.tokenFor({ claims: { aud: ['https://kubernetes.default.svc'] } }),
  'a longer audience': () => cluster.tokenFor({ claims: { aud: [`${AGENT}s`] } }),
  'two audiences': () => cluster.tokenFor({ claims: { aud: [AGENT, 'sts.amazonaws.com'] } }),
  'no audience': () => cluster.tokenFor({ claims: { aud: undefined } }),
  'an audience that is an object': () => cluster.tokenFor({ claims: { aud: [{ a: 1 }] } }),
  'no pod: kubectl create token': () =>
    cluster.tokenFor({ claims: { 'kubernetes.io': { namespace: 'shop', serviceaccount: { name: 'web' } } } }),
  'claims that are not objects': () => cluster.tokenFor({ claims: { 'kubernetes.io': 'pod' } }),
  'a pod of another node': () => cluster.tokenFor({ pod: samplePod('elsewhere') }),
  'the UID of a pod with another name': () =>
    cluster.tokenFor({ pod: samplePod('other', { uid: 'uid-web' }) }),
  'the UID of a pod of another namespace': () =>
    cluster.tokenFor({ pod: samplePod('web', { namespace: 'x' }) }),
  'another ServiceAccount': () =>
    cluster.tokenFor({ pod: samplePod('web', { serviceAccountName: 'admin' }) }),
  'a prototype as UID': () => cluster.tokenFor({ pod: samplePod('web', { uid: '__proto__' }) }),
  'white space in it': async () => (await cluster.tokenFor()).replace('.', ' .'),
  'white space in its signature': async () => (await cluster.tokenFor()).replace(/(.{9})$/, '\t$1'),
  'an unused character in its signature': async () => (await cluster.tokenFor()).replace(/(.{9})$/, '+$1'),
  padding: async () => `${await cluster.tokenFor()}=`,
  'four parts': async () => `${await cluster.tokenFor()}.e30`,
  'another payload under the same signature': async () => {
    const [header, , signature] = (await cluster.tokenFor()).split('.');
    return `${header}.${(await cluster.tokenFor({ claims: { extra: 1 } })).split('.')[1]}.${signature}`;
  },
};

const base64 = (text: string) => Buffer.from(text).toString('base64url');

test(`${Object.keys(HOSTILE).length} tokens that are refused, and none of them is repeated in the refusal`, async () => {
  for (const [what, make] of Object.entries(HOSTILE)) {
    const text = await make();
    const thrown: unknown = await cluster.verifier.verifyAgentToken(text).then(
      () => assert.fail(`${what} was accepted`),
      (reason: unknown) => reason,
    );
    assert.ok(thrown instanceof PodroleError, `${what}: ${thrown}`);
    assert.equal(thrown.code, 'AGENT_TOKEN_REFUSED', what);
    assert.ok(thrown.message.length < 300, what);
    const parts = text.split('.').filter((part) => part.length > 20);
    assert.ok(!parts.some((part) => thrown.message.includes(part.slice(0, 20))), what);
  }
  assert.ok(cluster.api.requests.every(({ pathname }) => /jwks|openid-configuration/.test(pathname)));
  assert.ok(cluster.keyReads() <= 2, 'unknown keys do not flood the API server');
});

test('a verified token counts until it expires, its pod ends, or its key has been gone for five minutes', async () => {
  const short = await cluster.tokenFor({ lifetimeSeconds: 120 });
  const long = await cluster.tokenFor();
  assert.deepEqual([await cluster.ask(short), await cluster.ask(long)], ['web', 'web']);
  await cluster.time.pass(119_000);
  assert.equal(await cluster.ask(short), 'web');
  await cluster.time.pass(70_000);
  assert.deepEqual([await cluster.ask(short), await cluster.ask(long)], ['AGENT_TOKEN_REFUSED', 'web']);
  cluster.keys = [cluster.ec.jwk];
  await cluster.time.pass(2 * 300_000);
  await cluster.ask(long);
  await cluster.api.requested(({ pathname }) => pathname === '/openid/v1/jwks', 2);
  await cluster.time.pass(300_000);
  await cluster.ask(await cluster.tokenFor({ key: cluster.ec }));
  assert.equal(await cluster.ask(long), 'AGENT_TOKEN_REFUSED');
  watch(samplePod('web', { isFinished: true }));
  assert.equal(await cluster.ask(await cluster.tokenFor({ key: cluster.ec })), 'AGENT_TOKEN_REFUSED');
  cluster.watched.clear();
  assert.equal(await cluster.ask(await cluster.tokenFor({ key: cluster.ec })), 'AGENT_TOKEN_REFUSED');
});

test('an ending pod is served; one that the watch lacks is found by a list, and once in five seconds', async () => {
  watch(samplePod('web', { isEnding: true }));
  assert.equal(await cluster.ask(await cluster.tokenFor()), 'web');
  assert.equal(cluster.lists, 0);
  const [here, elsewhere] = [samplePod('late'), samplePod('elsewhere')];
  cluster.listed = [samplePod('x'), here];
  for (let round = 0; round < 20; round += 1) {
    assert.equal(await cluster.ask(await cluster.tokenFor({ pod: here })), 'late');
    assert.equal(await cluster.ask(await cluster.tokenFor({ pod: elsewhere })), 'AGENT_TOKEN_REFUSED');
  }
  assert.equal(cluster.lists, 2);
  await cluster.time.pass(5_000);
  cluster.listed = [];
  assert.equal(await cluster.ask(await cluster.tokenFor({ pod: here })), 'AGENT_TOKEN_REFUSED');
});
