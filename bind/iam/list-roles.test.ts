import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { IAMClient } from '@aws-sdk/client-iam';
import { drain, listen } from '../../lib/http/serve.ts';
import { listRoles } from './read-role.ts';

/** Headers and body of the 404 that the server answers. */
let answer: readonly [headers: Record<string, string>, body: string] = [{}, ''];
const server = createServer((request, response) => {
  request.resume();
  const [headers, body] = answer;
  response.writeHead(404, { 'Content-Type': 'application/xml', ...headers }).end(body);
});
const port = await listen(server, 0, '127.0.0.1');
const iam = new IAMClient({
  region: 'default',
  endpoint: `http://127.0.0.1:${port}`,
  credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  maxAttempts: 1,
});
after(() => {
  iam.destroy();
  return drain(server, 0);
});

const RADOSGW = { 'x-amz-request-id': 'tx00000a5b1c2d3e4f5a6b7-0065a1b2c3-104c-default' };
const BODY =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchEntity</Code><RequestId>tx00000a</RequestId></Error>';

test('a tenant of Ceph without roles has an empty list', async () => {
  for (const body of [BODY, '']) {
    answer = [RADOSGW, body];
    assert.deepEqual(await listRoles(iam), []);
  }
});

for (const [name, headers, body] of [
  ['a web server', {}, '<html>'],
  ['an empty answer', {}, ''],
  ['IAM', { 'x-amzn-requestid': '7a62c49f-347e-4fc4-9331-6e8eEXAMPLE' }, BODY],
] as const) {
  test(`404 of ${name} is not an empty list`, async () => {
    answer = [headers, body];
    await assert.rejects(listRoles(iam), /iam:ListRoles failed/);
  });
}
