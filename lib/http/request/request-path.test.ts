import assert from 'node:assert/strict';
import { test } from 'node:test';
import Koa from 'koa';
import { Registry } from 'prom-client';
import { documentsApp } from '../../../oidc/serve/documents-app.ts';
import { collectLog } from '../../../testing/processes/collected-log.ts';
import { rawRequest } from '../../../testing/processes/raw-request.ts';
import { createHealthApp } from '../health-app.ts';
import { drain, listen } from '../serve.ts';
import { createWebServer } from '../web-server.ts';
import { pathOf } from './request-path.ts';

const TARGETS = ['http://[/mutate', 'http://[::1/mutate', 'http://a:b/', 'http://%/'];

/** Returns the answer of an app to a request with this target. */
async function ask(app: Koa, target: string): Promise<string> {
  const server = createWebServer({ listener: app.callback(), maxBodyBytes: 0 });
  const port = await listen(server, 0, '127.0.0.1');
  try {
    return await rawRequest(port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  } finally {
    await drain(server, 0);
  }
}

test('a request target that is not a URL is answered 404, not as an internal error', async () => {
  const log = collectLog();
  const apps: [name: string, app: () => Koa][] = [
    ['health', () => createHealthApp({ notReady: () => [], registry: new Registry(), logger: log.logger })],
    ['documents', () => documentsApp(() => undefined, log.logger)],
  ];
  for (const [name, app] of apps) {
    for (const target of TARGETS) {
      assert.match(await ask(app(), target), /^HTTP\/1.1 404 /, `${name}: ${target}`);
    }
  }
  assert.equal(log.text(), '');
});

test('the path of a target that is a URL, or only a path', async () => {
  const app = new Koa().use((context) => {
    context.body = pathOf(context);
  });
  for (const target of ['/mutate', '/mutate?timeout=10s', 'http://a/mutate']) {
    assert.match(await ask(app, target), /\r\n\/mutate$/, target);
  }
});
