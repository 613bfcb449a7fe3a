import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fault, PodroleError } from '../lib/errors.ts';
import { workload } from '../testing/sidecar/workload.ts';

// Mistakes of kube2iam, kiam, the EKS Pod Identity Agent and Azure's proxy that show in an answer.

const ROLE = '/latest/meta-data/iam/security-credentials/web';
const TTL = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };

test('kiam: a policy denial is not answered as 500', async () => {
  const denied: Fault = {
    code: 'STS_REFUSED',
    object: 'STS',
    problem: 'AccessDenied',
    remedy: 'see the trust policy',
  };
  const asked = workload({ sessions: { current: () => Promise.reject(new PodroleError(denied)) } });
  assert.equal((await asked.ask('GET', ROLE)).status, 403);
  assert.equal((await asked.ask('GET', '/v1/credentials')).status, 403);
});

test('kube2iam, kiam: other paths are not forwarded', async () => {
  const urls = [
    '/latest/user-data',
    '/latest/meta-data/hostname',
    'http://169.254.169.254/latest/meta-data/',
  ];
  for (const url of urls) {
    for (const method of ['GET', 'PUT', 'POST']) {
      assert.equal((await workload().ask(method, url, TTL)).status, 404, `${method} ${url}`);
    }
  }
});

test('kube2iam, kiam: a proxy on the way gets no token, and affects nothing else', async () => {
  const forwarded = { 'x-forwarded-for': '10.0.0.1' };
  assert.equal((await workload().ask('PUT', '/latest/api/token', { ...TTL, ...forwarded })).status, 403);
  assert.equal((await workload().ask('GET', ROLE, forwarded)).status, 200);
});

test('kube2iam: no other role is served, whatever the request', async () => {
  const names = [
    'default',
    'admin',
    'arn:aws:iam::123456789012:role%2Fadmin',
    'web%00',
    'web%20',
    'web;admin',
  ];
  for (const name of names) {
    assert.equal((await workload().ask('GET', ROLE.replace(/web$/, name))).status, 404, name);
  }
});

test('EKS Pod Identity Agent: the prefix "Bearer " is accepted', async () => {
  const asked = workload({ access: { authorization: () => ['eyJ'], isOpen: true } });
  for (const authorization of ['eyJ', 'Bearer eyJ']) {
    assert.equal((await asked.ask('GET', '/v1/credentials', { authorization })).status, 200);
  }
});

test('EKS Pod Identity Agent: the number of requests is not limited', async () => {
  const asked = workload();
  const answers = await Promise.all(Array.from({ length: 2_000 }, () => asked.ask('GET', '/v1/credentials')));
  assert.ok(answers.every(({ status }) => status === 200));
});
