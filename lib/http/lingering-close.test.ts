import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { drain, listen } from './serve.ts';
import { createWebServer } from './web-server.ts';

test('the rest of a body that nobody reads is discarded without parsing it', async () => {
  let parsed = 0;
  const server = createWebServer({
    listener: (request, response) => {
      request.on('data', ({ length }: Buffer) => {
        parsed += length;
      });
      response.setHeader('Connection', 'close');
      response.end('read nothing');
    },
    maxBodyBytes: 0,
  });
  const client = connect(await listen(server, 0, '127.0.0.1'), '127.0.0.1');
  let answer = '';
  client.on('data', (chunk) => {
    answer += chunk.toString();
  });
  client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
  await once(client, 'data');
  client.end(`${'1\r\na\r\n'.repeat(200_000)}0\r\n\r\n`);
  await once(client, 'close');
  assert.match(answer, /read nothing/);
  assert.equal(parsed, 0);
  await drain(server, 0);
});
