import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { listen } from '../lib/http/serve.ts';
import { until } from '../testing/until.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import { loadKubeConfig } from './kube-config.ts';

const MIB = 1024 * 1024;
const FILL = 'x'.repeat(MIB);
const limits = () => ({ timeoutMs: 10_000, signal: new AbortController().signal });

let client: ApiClient;
let answer: (response: ServerResponse, path: string) => void;
let stop: () => Promise<void>;

beforeEach(async () => {
  const server = createServer((request, response) => answer(response, request.url ?? ''));
  const url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: url }, {}));
  stop = async () => {
    client.close();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
});

afterEach(() => stop());

test('only the wanted parts of an object are parsed, but all of an error', async () => {
  answer = (response, path) => {
    response.statusCode = path === '/missing' ? 404 : 200;
    response.end(JSON.stringify({ message: 'm', metadata: { name: 'web', labels: {} }, secrets: [FILL] }));
  };
  const parts = { metadata: { name: true } } as const;
  const found = await client.get('/found', { ...limits(), parts });
  assert.deepEqual([found.status, found.body], [200, { metadata: { name: 'web' } }]);
  const missing = await client.get('/missing', { ...limits(), parts });
  assert.equal(Object(missing.body).message, 'm');
});

test('an answer that does not end is an error, and does not fill the memory', async () => {
  answer = (response) => {
    const more = () => response.write(FILL, (error) => error ?? more());
    more();
  };
  await assert.rejects(client.get('/endless', limits()), /the answer has more than 20971520 bytes/);
});

test('large answers are read one at a time; small ones, and callers that give up, do not wait', async () => {
  const open = new Map<string, ServerResponse>();
  answer = (response, path) => {
    if (path === '/small') return response.end('{}');
    response.write(`{"fill":"${FILL}"`);
    open.set(path, response);
  };
  const settled: string[] = [];
  const impatient = new AbortController();
  const get = async (path: string, signal = limits().signal) => {
    try {
      await client.get(path, { timeoutMs: 10_000, signal });
      settled.push(path);
    } catch {
      settled.push(`${path} given up`);
    }
  };
  const asked = [get('/first')];
  await until(() => open.has('/first'), 'the first is being read');
  await get('/small');
  asked.push(get('/second', impatient.signal));
  await until(() => open.has('/second'), 'the second is being answered');
  asked.push(get('/third'));
  await until(() => open.has('/third'), 'the third is being answered');
  impatient.abort();
  await until(() => settled.length === 2, 'the second gave up');
  open.get('/third')?.end('}');
  open.get('/first')?.end('}');
  await Promise.all(asked);
  assert.deepEqual(settled, ['/small', '/second given up', '/first', '/third']);
});
