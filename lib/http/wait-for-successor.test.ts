import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import { systemClock } from '../clock.ts';
import { drain, listen } from './serve.ts';
import { waitForSuccessor } from './wait-for-successor.ts';

test('the successor is there when it is ready, not before', async () => {
  const statuses = [503, 503, 200];
  let asked = 0;
  const server = createServer((request, response) => {
    assert.equal(request.url, '/readyz');
    response.writeHead(statuses[asked] ?? 500).end();
    asked += 1;
  });
  const port = await listen(server, 0, '127.0.0.1');
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    asked = 0;
    assert.equal(await waitForSuccessor({ host, port }, 60_000, systemClock), true);
    assert.equal(asked, 3);
  }
  await drain(server, 0);
});

test('without one, the wait ends after its time', async () => {
  const server = createServer();
  const port = await listen(server, 0, '127.0.0.1');
  await drain(server, 0);
  const time = createVirtualTime();
  const waiting = waitForSuccessor({ host: '127.0.0.1', port }, 20_000, time.clock());
  await time.pass(20_000);
  assert.equal(await waiting, false);
  assert.equal(await waitForSuccessor({ host: '127.0.0.1', port }, 0, systemClock), false);
});
