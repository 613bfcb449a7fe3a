import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { SIDECAR_CREDENTIALS_PATH } from '../../lib/contract/podrole.ts';
import { workloadFacts, workloadSession } from '../../testing/sidecar/workload.ts';
import { until } from '../../testing/until.ts';
import { openEndpointsByWorkload } from './endpoints-by-workload.ts';

interface SampleGrant {
  readonly part: string;
  readonly name: string;
}

/** @param current gives the session of a grant, by its name */
const open = (current = async (_name: string) => workloadSession) => {
  const asked: string[] = [];
  const endpoints = openEndpointsByWorkload<string, SampleGrant>({
    idOf: (workload) => workload,
    partOf: ({ part }) => part,
    sessionsOf: (workload, { name }) => {
      asked.push(`${workload} ${name}`);
      return { current: () => current(name) };
    },
    factsOf: () => workloadFacts,
    host: workloadFacts,
    imdsv2: 'optional',
    tokens: { monotonicMs: () => 0, randomBytes },
  });
  return { endpoints, asked };
};

test('a workload keeps its endpoints while its grant says the same, also in a newer copy', () => {
  const { endpoints, asked } = open();
  const first = endpoints.of('web', { part: '', name: 'one' });
  assert.equal(endpoints.of('web', { part: '', name: 'one' }), first);
  assert.deepEqual(asked, ['web one']);
  endpoints.forget('web');
  assert.notEqual(endpoints.of('web', { part: '', name: 'one' }), first);
});

test('each part has its own, and a changed grant takes the place of the old one', () => {
  const { endpoints, asked } = open();
  const own = { part: 'proxy', name: 'own' };
  const ofWhole = endpoints.of('web', { part: '', name: 'one' });
  const ofPart = endpoints.of('web', own);
  assert.notEqual(ofWhole, ofPart);
  assert.notEqual(endpoints.of('web', { ...own, name: 'other' }), ofPart);
  assert.notEqual(endpoints.of('web', own), ofPart, 'the old one was not kept');
  assert.equal(endpoints.of('web', { part: '', name: 'one' }), ofWhole);
  assert.deepEqual(asked, ['web one', 'web own', 'web other', 'web own']);
});

test('the session token of one workload is not that of another', async () => {
  const { endpoints } = open();
  const grant = { part: '', name: 'one' };
  const ask = async (workload: string, method: string, url: string, headers: Record<string, string>) =>
    endpoints.of(workload, grant).metadata({ method, url, headers });
  const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const { body } = await ask('web', 'PUT', '/latest/api/token', ttl);
  const withToken = { 'x-aws-ec2-metadata-token': body };
  const url = '/latest/meta-data/instance-id';
  assert.equal((await ask('web', 'GET', url, withToken)).status, 200);
  assert.equal((await ask('other', 'GET', url, withToken)).status, 401);
});

test('workloads that nobody reports as gone do not fill the memory, and one that asks keeps its own', () => {
  const { endpoints, asked } = open();
  const grant = { part: '', name: 'one' };
  const ofFirst = endpoints.of('first', grant);
  const ofSecond = endpoints.of('second', grant);
  for (let at = 0; at < 4_095; at += 1) {
    endpoints.of(`gone-${at}`, grant);
    assert.equal(endpoints.of('first', grant), ofFirst);
  }
  assert.equal(asked.length, 4_097);
  assert.notEqual(endpoints.of('second', grant), ofSecond);
});

test('who waits for a session while the grant changes, or the workload ends, does not get the old one', async () => {
  const gate = Promise.withResolvers<void>();
  const begun: string[] = [];
  const { endpoints } = open(async (name) => {
    begun.push(name);
    await gate.promise;
    return workloadSession;
  });
  const request = { method: 'GET', url: '/', headers: {} };
  const [old, next] = ['old', 'next'].map((name) => ({ part: '', name }));
  assert.ok(old && next);
  const ofOld = endpoints.of('web', old);
  const waiting = ofOld.container(request, SIDECAR_CREDENTIALS_PATH);
  const ofGone = endpoints.of('gone', old);
  const waitingGone = ofGone.container(request, SIDECAR_CREDENTIALS_PATH);
  await until(() => begun.length === 2, 'both wait for a session');
  const ofNext = endpoints.of('web', next);
  endpoints.forget('gone');
  const late = [
    ofOld.container(request, SIDECAR_CREDENTIALS_PATH),
    ofGone.container(request, SIDECAR_CREDENTIALS_PATH),
  ];
  gate.resolve();
  for (const answer of await Promise.all([waiting, waitingGone, ...late])) {
    assert.equal(answer.status, 503);
    assert.match(answer.body, /SESSION_DROPPED/);
  }
  assert.deepEqual(begun, ['old', 'old'], 'the late ones cause no exchange');
  assert.equal((await ofNext.container(request, SIDECAR_CREDENTIALS_PATH)).status, 200);
});
