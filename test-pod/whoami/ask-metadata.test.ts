import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drain, listen } from '../../lib/http/serve.ts';
import { runCli } from '../../testing/processes/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-metadata-'));
after(() => rmSync(folder, { recursive: true }));

const asked: string[] = [];
let status = 200;
const server = createServer((request: IncomingMessage, response) => {
  const ttl = request.headers['x-aws-ec2-metadata-token-ttl-seconds'];
  asked.push(`${request.method} ${request.url} ${ttl ?? ''}`.trim());
  if (status > 0) response.writeHead(status).end('SECRET-TOKEN-OR-ROLE');
});
const port = await listen(server, 0, '127.0.0.1');
after(() => drain(server, 0));

/** Never the address of a real node: the tests run on machines that may be in EC2. */
const ENV = { PATH: '/nonexistent', AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${port}` };

function whoami(version: string, args: readonly string[] = [], env: Record<string, string> = ENV) {
  return runCli(['whoami', '--probe-metadata', version, ...args], { env });
}

for (const [version, answer, line, call] of [
  ['v1', 200, 'v1: reachable 200', 'GET /latest/meta-data/'],
  ['v1', 401, 'v1: reachable 401', 'GET /latest/meta-data/'],
  ['v2', 200, 'v2: reachable 200', 'PUT /latest/api/token 1'],
  ['v2', 403, 'v2: reachable 403', 'PUT /latest/api/token 1'],
] as const) {
  test(`instance metadata ${version} that answers ${answer}`, async () => {
    [status, asked.length] = [answer, 0];
    const file = join(folder, `${version}-${answer}`);
    const { exitCode, stdout, stderr } = await whoami(version, ['--report-file', file]);
    assert.deepEqual([exitCode, stdout, stderr], [0, `instance metadata, ${line}\n`, '']);
    assert.equal(readFileSync(file, 'utf8'), `{"state":"reachable","status":${answer}}`);
    assert.deepEqual(asked, [call]);
  });
}

test('a metadata address that refuses', async () => {
  const env = { ...ENV, AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1' };
  const { exitCode, stdout } = await whoami('v1', ['-o', 'json'], env);
  assert.equal(exitCode, 0);
  assert.deepEqual(JSON.parse(stdout), { state: 'refused' });
});

test('a metadata address that never answers', async () => {
  status = 0;
  const { exitCode, stdout } = await whoami('v2');
  assert.deepEqual([exitCode, stdout], [0, 'instance metadata, v2: timeout\n']);
});

for (const endpoint of ['https://127.0.0.1', 'file:///etc/passwd', 'x']) {
  test(`not a metadata address: ${endpoint}`, async () => {
    const { exitCode, stderr } = await whoami('v1', [], {
      ...ENV,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint,
    });
    assert.equal(exitCode, 2);
    assert.match(stderr, /AWS_EC2_METADATA_SERVICE_ENDPOINT: is not an http URL/);
  });
}
