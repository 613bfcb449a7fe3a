import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { listen } from './serve.ts';

test('a wrong address is named as the fault, not the port', async () => {
  await assert.rejects(listen(createServer(), 0, '192.0.2.1'), {
    code: 'LISTEN_FAILED',
    message: /^address 192\.0\.2\.1: is not an address of this machine; give an address/,
  });
});
