import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drain, listen } from '../lib/http/serve.ts';
import { createAuthority } from '../testing/certificates/certificates.ts';
import { useForwardProxy } from '../testing/proxies/forward-proxy.ts';
import { createApiClient } from './api-client.ts';
import { loadKubeConfig } from './kube-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-api-proxy-'));
const authority = await createAuthority('cluster authority');
const server = createServer(await authority.issue(['api.test', '127.0.0.1']), (_request, response) =>
  response.end('{"kind":"Found"}'),
);
const port = await listen(server, 0, '127.0.0.1');
const proxy = await useForwardProxy();
proxy.routes.set('api.test', port);
after(async () => {
  await drain(server, 0);
  rmSync(folder, { recursive: true });
});

function kubeconfig(address: string, proxyUrl?: string): string {
  const file = join(folder, 'config');
  const cluster = {
    server: address,
    'certificate-authority-data': Buffer.from(authority.cert).toString('base64'),
    ...(proxyUrl !== undefined && { 'proxy-url': proxyUrl }),
  };
  writeFileSync(
    file,
    JSON.stringify({
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  return file;
}

async function ask(file: string, env: Record<string, string> = {}): Promise<unknown> {
  const client = createApiClient(loadKubeConfig({ kubeconfig: file, kubeApi: undefined }, env), env);
  const limits = { timeoutMs: 10_000, signal: new AbortController().signal };
  try {
    const kept = await client.get('/one', limits);
    const fresh = await client.get('/two', { ...limits, onNewConnection: true });
    return [kept.body, fresh.body];
  } finally {
    client.close();
  }
}

const FOUND = [{ kind: 'Found' }, { kind: 'Found' }];
const TUNNELS = ['CONNECT api.test:6443', 'CONNECT api.test:6443'];
const API = 'https://api.test:6443';
const NOWHERE = 'http://127.0.0.1:1';

test('the variables name the proxy of the API server', async () => {
  assert.deepEqual(await ask(kubeconfig(API), { HTTPS_PROXY: proxy.url }), FOUND);
  assert.deepEqual(proxy.targets, TUNNELS);
});

test('proxy-url of the kubeconfig comes before the variables, NO_PROXY and loopback', async () => {
  assert.deepEqual(await ask(kubeconfig(API, proxy.url), { HTTPS_PROXY: NOWHERE, NO_PROXY: '*' }), FOUND);
  assert.deepEqual(proxy.targets, TUNNELS);
  proxy.routes.set('127.0.0.1', port);
  assert.deepEqual(await ask(kubeconfig('https://127.0.0.1:6443', proxy.url)), FOUND);
});

test('NO_PROXY and loopback are asked directly', async () => {
  assert.deepEqual(await ask(kubeconfig(`https://127.0.0.1:${port}`), { HTTPS_PROXY: NOWHERE }), FOUND);
  await assert.rejects(ask(kubeconfig(API), { HTTPS_PROXY: proxy.url, NO_PROXY: '.test' }), {
    code: 'API_UNREACHABLE',
  });
  assert.deepEqual(proxy.targets, []);
});

test('a proxy that refuses is named', async () => {
  proxy.conduct = 407;
  const refused = { code: 'PROXY_FAILED', message: /^proxy .* answered 407/ } as const;
  await assert.rejects(ask(kubeconfig(API, proxy.url.replace('//', '//u:hunter2@'))), refused);
  await assert.rejects(ask(kubeconfig(API), { https_proxy: proxy.url }), refused);
});

test('a proxy-url that is not a URL is refused without its password', () => {
  const config = loadKubeConfig({ kubeconfig: kubeconfig(API, 'http://u:hunter2@'), kubeApi: undefined }, {});
  assert.throws(() => createApiClient(config, {}), {
    code: 'INVALID_SETTING',
    message: /^(?!.*hunter2)proxy-url/,
  });
});
