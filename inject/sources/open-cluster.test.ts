import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drain, listen } from '../../lib/http/serve.ts';
import { openCluster } from './open-cluster.ts';

const FOUND = {
  namespace: 'shop',
  name: 'web',
  annotations: { 'eks.amazonaws.com/role-arn': 'web' },
  resourceVersion: '7',
};
const folder = mkdtempSync(join(tmpdir(), 'podrole-cluster-accounts-'));
const asked: (string | undefined)[] = [];
const server = createServer((request, response) => {
  asked.push(request.url);
  const status = { forbidden: 403, web: 200, shop: 200 }[request.url?.split('/').at(-1) ?? ''] ?? 404;
  const rules = { 'podrole.dev/allowed-roles': 'arn:*', other: 'not kept' };
  const annotations = request.url?.endsWith('/shop') ? rules : FOUND.annotations;
  const metadata = { ...FOUND, annotations, uid: 'not kept' };
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(status === 200 ? { metadata } : { kind: 'Status', code: status }));
});
const kubeApi = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
const kubeconfig = join(folder, 'kubeconfig');
writeFileSync(
  kubeconfig,
  JSON.stringify({
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: kubeApi } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    users: [{ name: 'test', user: {} }],
  }),
);
const { signal } = new AbortController();
const cluster = openCluster({ kubeconfig, kubeApi: undefined }, 'eks.amazonaws.com', {}, signal);
const { serviceAccounts: accounts, namespaces } = cluster;
after(async () => {
  cluster.close();
  await drain(server, 1_000);
  rmSync(folder, { recursive: true });
});

test('a ServiceAccount is found with its annotations, and an absent one is undefined', async () => {
  assert.deepEqual(await accounts.find('shop', 'web'), FOUND);
  assert.equal(await accounts.find('shop', 'nobody'), undefined);
});

test('an answer that is neither is an error, so that it never means "no role"', async () => {
  await assert.rejects(accounts.find('shop', 'forbidden'), {
    code: 'LOOKUP_FAILED',
    message: /^ServiceAccount shop\/forbidden: .*403/,
  });
});

test('a name that no object can have is not asked for', async () => {
  asked.length = 0;
  assert.equal(await accounts.find('shop', '../secrets'), undefined);
  assert.equal(await accounts.find('a/b', 'web'), undefined);
  assert.equal(await namespaces.find('../nodes'), undefined);
  assert.deepEqual(asked, []);
});

test('a Namespace is found with its rules, and an absent one is undefined', async () => {
  asked.length = 0;
  assert.deepEqual(await namespaces.find('shop'), {
    name: 'web',
    annotations: { 'podrole.dev/allowed-roles': 'arn:*' },
    resourceVersion: '7',
  });
  assert.equal(await namespaces.find('nowhere'), undefined);
  assert.deepEqual(asked, ['/api/v1/namespaces/shop', '/api/v1/namespaces/nowhere']);
  await assert.rejects(namespaces.find('forbidden'), {
    code: 'LOOKUP_FAILED',
    message: /^Namespace forbidden: .*403.*may get namespaces/,
  });
});
