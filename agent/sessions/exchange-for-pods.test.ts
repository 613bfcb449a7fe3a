import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { ExchangeError } from '../../credentials/exchange/exchange-error.ts';
import { systemClock } from '../../lib/clock.ts';
import { sampleGrant, samplePod, sampleRole } from '../../testing/agent/sample-pod.ts';
import {
  answerXml,
  credentialsXml,
  stsErrorXml,
  targetCredentialsXml,
  useStsPeer,
} from '../../testing/aws/sts-peer.ts';
import type { Grant } from '../pods/grant.ts';
import type { NodePod } from '../pods/node-pod.ts';
import { exchangeForPods } from './exchange-for-pods.ts';

const sts = await useStsPeer();
const podsFolder = mkdtempSync(join(tmpdir(), 'podrole-pods-'));
after(() => rmSync(podsFolder, { recursive: true }));
beforeEach(() => {
  sts.calls.length = 0;
  sts.answerWith = answerXml(200, () => credentialsXml());
});

function writeToken(pod: NodePod, token: string, volume = 'aws-iam-token'): void {
  const folder = join(podsFolder, pod.uid, 'volumes', 'kubernetes.io~projected', volume);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'token'), token);
}

function exchangeWith(clusterName: string | undefined, pod: NodePod, grant: Grant) {
  const exchange = exchangeForPods({
    sts: { endpoint: new URL(sts.url), caFile: undefined, durationSeconds: 3_600 },
    region: 'eu-central-1',
    clusterName,
    kubeletPodsFolder: podsFolder,
    clock: systemClock,
  });
  return exchange(pod, grant)(new AbortController().signal);
}

const exchange = (pod: NodePod, grant: Grant) => exchangeWith('prod', pod, grant);

const isFailure = (code: string, retry: string, says: RegExp) => (thrown: unknown) =>
  thrown instanceof ExchangeError &&
  thrown.code === code &&
  thrown.retry === retry &&
  says.test(thrown.message);

test("a pod's own token is exchanged for its role; the session has the name of the pod", async () => {
  const pod = samplePod('web-5d9f');
  writeToken(pod, 'token.of.pod');
  const { session } = await exchange(pod, sampleGrant({ role: sampleRole('shop') }));
  assert.equal(session.accessKeyId, 'ASIAPEEREXAMPLE');
  assert.deepEqual(Object.fromEntries(sts.calls[0] ?? []), {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: 'arn:aws:iam::111122223333:role/shop',
    RoleSessionName: 'podrole-web-5d9f',
    DurationSeconds: '3600',
    WebIdentityToken: 'token.of.pod',
  });
});

test('a fixed session name, and the token of a container with a role of its own', async () => {
  const pod = samplePod('web');
  writeToken(pod, 'token.of.pod');
  writeToken(pod, 'token.of.container', 'podrole-token-2');
  const token = { volumeName: 'podrole-token-2', path: 'token' };
  await exchange(pod, sampleGrant({ container: 'proxy', sessionName: 'fixed', token }));
  assert.equal(sts.calls[0]?.get('WebIdentityToken'), 'token.of.container');
  assert.equal(sts.calls[0]?.get('RoleSessionName'), 'fixed');
});

test('a target role: external id and tags of the pod; only the session of the target is given', async () => {
  const pod = samplePod('web-1', { serviceAccountName: 'api' });
  writeToken(pod, 'token.of.pod');
  sts.answerWith = (request, response) => {
    const isTarget = sts.calls.at(-1)?.get('Action') === 'AssumeRole';
    const xml = isTarget
      ? targetCredentialsXml('arn:aws:sts::111122223333:assumed-role/reader/podrole-web-1')
      : credentialsXml();
    answerXml(200, () => xml)(request, response);
  };
  const target = { role: sampleRole('reader'), hasSessionTags: true };
  const { session } = await exchange(pod, sampleGrant({ target }));
  assert.equal(session.accessKeyId, 'ASIATARGETEXAMPLE');
  const asked = sts.calls[1];
  assert.equal(asked?.get('ExternalId'), 'eu-central-1/111122223333/prod/shop/api');
  assert.equal(asked?.get('RoleSessionName'), 'podrole-web-1');
  const tags = [1, 2, 3, 4, 5].map((at) => asked?.get(`Tags.member.${at}.Value`));
  assert.deepEqual(tags, ['shop', 'api', 'web-1', 'uid-web-1', 'prod']);

  await exchange(pod, sampleGrant({ target: { ...target, hasSessionTags: false } }));
  assert.equal(sts.calls[3]?.get('Tags.member.1.Key'), null);
});

test('a target role without --cluster-name is a failure that says so, before anything is asked', async () => {
  const pod = samplePod('web');
  const target = { role: sampleRole('reader'), hasSessionTags: true };
  const grant = sampleGrant({ target });
  const failed = isFailure('MISSING_SETTING', 'late', /--cluster-name/);
  await assert.rejects(exchangeWith(undefined, pod, grant), failed);
  assert.equal(sts.calls.length, 0);
});

test('failures: no token, a place that is not one, and a refusal that repeats the token', async () => {
  const unreadable = isFailure('TOKEN_UNREADABLE', 'soon', /does not exist/);
  await assert.rejects(exchange(samplePod('none'), sampleGrant()), unreadable);
  const place = { volumeName: '../../x', path: 'token' };
  const invalid = isFailure('TOKEN_UNREADABLE', 'late', /pod shop\/none/);
  await assert.rejects(exchange(samplePod('none'), sampleGrant({ token: place })), invalid);

  const pod = samplePod('refused');
  writeToken(pod, 'token.of.refused');
  sts.answerWith = answerXml(403, () => stsErrorXml('AccessDenied', 'not with token.of.refused'));
  const refused = (thrown: unknown) =>
    isFailure('STS_REFUSED', 'late', /role\/web: answered AccessDenied/)(thrown) &&
    !String(thrown).includes('token.of.refused');
  await assert.rejects(exchange(pod, sampleGrant()), refused);
});
