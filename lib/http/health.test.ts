import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { after, test } from 'node:test';
import { Registry } from 'prom-client';
import { healthListener } from '../../sidecar/health-listener.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { createHealthApp, createMetricsApp } from './health-app.ts';
import { drain, listen } from './serve.ts';

const { logger } = collectLog();

/** Every server's health endpoint: with Koa, and the sidecar's without. */
const LISTENERS: Readonly<Record<string, (reasons: readonly string[]) => RequestListener>> = {
  koa: (reasons) => createHealthApp({ notReady: () => reasons, registry: new Registry(), logger }).callback(),
  sidecar: (reasons) => healthListener({ notReady: () => reasons, metrics: () => [] }),
};

const JSON_TYPE = 'application/json';
const NOT_FOUND = '{"code":"NOT_FOUND","message":"only /healthz, /readyz and /metrics are answered here"}';
const NOT_ALLOWED = '{"code":"METHOD_NOT_ALLOWED","message":"only GET and HEAD"}';

const CASES: readonly (readonly [
  request: string,
  reasons: readonly string[],
  status: number,
  type: string,
  body: string,
])[] = [
  ['GET /healthz', ['starting'], 200, JSON_TYPE, '{"status":"ok"}'],
  ['GET /healthz?verbose', [], 200, JSON_TYPE, '{"status":"ok"}'],
  ['HEAD /healthz', [], 200, JSON_TYPE, ''],
  ['GET /readyz', [], 200, JSON_TYPE, '{"ready":true,"reasons":[]}'],
  ['GET /readyz', ['starting'], 503, JSON_TYPE, '{"ready":false,"reasons":["starting"]}'],
  ['GET /metrics', [], 200, 'text/plain; version=0.0.4; charset=utf-8', ''],
  ['POST /readyz', [], 405, JSON_TYPE, NOT_ALLOWED],
  ['GET /', [], 404, JSON_TYPE, NOT_FOUND],
  ['DELETE /constructor', [], 404, JSON_TYPE, NOT_FOUND],
];

for (const [kind, listenerFor] of Object.entries(LISTENERS)) {
  for (const [request, reasons, status, type, body] of CASES) {
    const ready = reasons.length === 0 ? 'ready' : 'not ready';
    test(`${kind}, ${ready}: ${request} is answered ${status}`, async () => {
      const [method = '', path = ''] = request.split(' ');
      const server = createServer(listenerFor(reasons));
      const port = await listen(server, 0, '127.0.0.1');
      after(() => drain(server, 0));
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      assert.equal(response.status, status);
      assert.equal(response.headers.get('content-type'), type);
      assert.equal(response.headers.get('allow'), status === 405 ? 'GET, HEAD' : null);
      // fetch itself closes the connection of a HEAD.
      const isLast = response.headers.get('connection') === 'close';
      if (method !== 'HEAD') assert.equal(isLast, method !== 'GET');
      assert.equal((await response.text()).trim(), body);
    });
  }
}

test('an endpoint of metrics alone says nothing about the health', async () => {
  const metrics = async () => ({ contentType: 'text/plain', text: 'x 1' });
  const server = createServer(createMetricsApp({ metrics, logger }).callback());
  const at = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  after(() => drain(server, 0));
  assert.equal(await (await fetch(`${at}/metrics`)).text(), 'x 1');
  for (const path of ['/healthz', '/livez', '/readyz', '/'])
    assert.equal((await fetch(`${at}${path}`)).status, 404, path);
  assert.equal((await fetch(`${at}/metrics`, { method: 'POST' })).status, 405);
});
