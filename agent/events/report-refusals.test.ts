import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { ExchangeError } from '../../credentials/exchange/exchange-error.ts';
import type { ExchangeResult } from '../../credentials/session-keeper.ts';
import { createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import type { FaultCode } from '../../lib/errors/code.ts';
import { asObject } from '../../lib/json/json.ts';
import { sampleGrant, samplePod, sampleRole } from '../../testing/agent/sample-pod.ts';
import { type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { type CollectedLog, collectLog } from '../../testing/processes/collected-log.ts';
import { until } from '../../testing/until.ts';
import { createVirtualTime, type VirtualTime } from '../../testing/virtual-time.ts';
import { createRefusalReporter, type RefusalReporter } from './report-refusals.ts';

let peer: FakeCluster;
let time: VirtualTime;
let log: CollectedLog;
let counts: Record<string, number>;
let reporter: RefusalReporter;
const cleanups: (() => Promise<void>)[] = [];
after(() => Promise.all(cleanups.map((cleanup) => cleanup())));

beforeEach(async () => {
  peer = await startFakeCluster();
  cleanups.push(peer.stop);
  time = createVirtualTime();
  log = collectLog();
  counts = {};
  const client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {}));
  const count = (result: string) => {
    counts[result] = (counts[result] ?? 0) + 1;
  };
  reporter = createRefusalReporter({ client, clock: time.clock(), logger: log.logger, count });
});

function refused(problem: string, code: FaultCode = 'STS_REFUSED'): ExchangeResult {
  const object = 'STS https://sts.test for arn:aws:iam::111122223333:role/web';
  const fault = { code, object, problem, remedy: 'check the trust policy' };
  return { failure: new ExchangeError(fault, 'late'), retryInMs: 60_000 };
}

const JWT = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${'e30'.repeat(20)}.${'c2ln'.repeat(20)}`;

test('a refusal is an Event on the pod: role, reason, remedy and code, and no token', async () => {
  reporter.report(samplePod('web'), sampleGrant(), refused(`answered AccessDenied (of ${JWT}\nx)`));
  await until(() => counts['created'] === 1, 'it is created');
  const [request] = peer.requests;
  assert.equal(request?.pathname, '/api/v1/namespaces/shop/events');
  const { involvedObject, reason, type, message, source } = asObject(request?.body) ?? {};
  const pod = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'uid-web', namespace: 'shop' };
  assert.deepEqual([involvedObject, reason, type], [pod, 'RoleRefused', 'Warning']);
  assert.deepEqual(source, { component: 'podrole-agent' });
  assert.match(
    String(message),
    /^STS .*role\/web: answered AccessDenied .*check the trust policy \[STS_REFUSED\]$/,
  );
  assert.doesNotMatch(JSON.stringify(request?.body), /e30e30|c2lnc2ln/);
});

test('one Event for each pod, role and fault in an hour, whatever number STS gives its answers', async () => {
  for (let at = 0; at < 100; at += 1) {
    reporter.report(samplePod('web'), sampleGrant(), refused(`answered AccessDenied request ${at}`));
    reporter.report(samplePod('other'), sampleGrant(), refused(`answered AccessDenied request ${at}`));
    const grant = sampleGrant({ target: { role: sampleRole('target'), hasSessionTags: true } });
    reporter.report(samplePod('web'), grant, refused(`answered AccessDenied request ${at}`));
  }
  await until(() => counts['created'] === 3 && counts['repeated'] === 297, 'all are decided');
  assert.equal(peer.requests.length, 3);
});

test('failures that pass, sessions and internal errors are not reported', async () => {
  const passing: readonly ExchangeResult[] = [
    refused('does not answer', 'STS_UNREACHABLE'),
    refused('does not exist', 'TOKEN_UNREADABLE'),
    { failure: new Error('a defect'), retryInMs: 1 },
  ];
  for (const result of passing) reporter.report(samplePod('web'), sampleGrant(), result);
  reporter.report(samplePod('last'), sampleGrant(), refused('answered'));
  await until(() => counts['created'] === 1, 'the last is created');
  assert.equal(peer.requests.length, 1);
});

test('a missing right is one line of the log, and the agent goes on', async () => {
  peer.trouble = () => ({ status: 403, message: 'events is forbidden' });
  for (let at = 0; at < 20; at += 1) {
    reporter.report(samplePod(`web-${at}`), sampleGrant(), refused('answered AccessDenied'));
  }
  await until(() => counts['failed'] === 20, 'all have failed');
  const lines = log.text().trim().split('\n');
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /answered 403 .*grant create on events/);
});

test('pods that fail by the thousand do not fill the API server', async () => {
  peer.trouble = () => 'silence';
  for (let at = 0; at < 5_000; at += 1) {
    reporter.report(samplePod(`web-${at}`), sampleGrant(), refused('answered AccessDenied'));
  }
  assert.deepEqual(counts, { limited: 4_980 });
  const stopped = reporter.stop();
  await time.pass(2_000);
  await stopped;
});
