import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { proveRules } from './prove-rules.ts';

/** That a refusal by the rules is their proof is seen in e2e/cases/redirect/node.test.ts. */
test('without rules, the port can be connected to', async (t) => {
  const server = createServer((socket) => socket.on('error', () => {}).destroy()).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.deepEqual(await proveRules(port), [
    `the nft rules of the node are not loaded: its processes can connect to port ${port}; run podrole redirect --node`,
  ]);
  assert.deepEqual(await proveRules(port, 'host'), [
    `the nft rules of the host are not loaded: its processes can connect to port ${port}; run podrole redirect --docker`,
  ]);
});
