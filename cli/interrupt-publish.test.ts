import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { listen } from '../lib/http/serve.ts';
import { startGate } from '../testing/processes/gate.ts';
import { inTime } from '../testing/processes/in-time.ts';
import { startPodrole } from '../testing/processes/podrole-process.ts';

const home = mkdtempSync(join(tmpdir(), 'podrole-interrupt-'));
after(() => rmSync(home, { recursive: true }));
const jwks = join(home, 'jwks.json');
const x = 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU';
const y = 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0';
const key = { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: 'one', x, y };
writeFileSync(jwks, JSON.stringify({ keys: [key] }));

/** The objects of a bucket, by their path. */
const objects = new Map<string, Buffer>();
const bucket = createServer(async (request, response) => {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const body = await buffer(request);
  if (request.method === 'PUT') {
    objects.set(path, body);
    response.writeHead(200, { ETag: '"v1"' }).end();
    return;
  }
  const found = objects.get(path);
  if (found) response.writeHead(200, { ETag: '"v1"' }).end(found);
  else response.writeHead(404).end('<Error><Code>NoSuchKey</Code><Message>none</Message></Error>');
});
const port = await listen(bucket, 0, '127.0.0.1');
after(() => bucket.close());

const PUBLISH = ['publish', '--to', 's3://oidc-example', '--issuer', 'https://oidc.example.test'];

async function interruptPublish(isHeld: (asked: string) => boolean, signals: number) {
  objects.clear();
  const gate = await startGate(`http://127.0.0.1:${port}`, isHeld);
  const run = startPodrole([...PUBLISH, '--jwks', jwks, '--verify=false'], {
    HOME: home,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_REGION: 'eu-central-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: gate.url,
  });
  try {
    await inTime(() => gate.held.length > 0, 'a request waits');
    run.child.kill('SIGTERM');
    const isHeeded = () => run.printed.stderr.includes('finishing') || run.child.signalCode !== null;
    await inTime(isHeeded, 'the signal arrived');
    if (signals === 2) run.child.kill('SIGTERM');
    else gate.open();
    assert.deepEqual(await run.ended, [null, 'SIGTERM']);
    return run.printed.stderr;
  } finally {
    run.child.kill('SIGKILL');
    await gate.stop();
  }
}

test('publish that waits for the bucket to read ends at once', async () => {
  const stderr = await interruptPublish((asked) => asked.startsWith('GET'), 1);
  assert.match(
    stderr,
    /^(publishing .*\n)*error: podrole: was interrupted by SIGTERM; run again \[STOPPED\]\n$/,
  );
  assert.equal(objects.size, 0);
});

test('publish finishes the document in progress, and names the others', async () => {
  const stderr = await interruptPublish((asked) => asked.startsWith('PUT'), 1);
  assert.equal(objects.size, 1);
  assert.match(stderr, /error: s3:\/\/oidc-example.*: was not completed: the run was interrupted; run again/);
  assert.match(
    stderr,
    /error: publication: 1 of \d documents are written: \/\S+\. Not written: \/\S+.*; run the same command again: it does the rest.*\[PARTLY_PUBLISHED\]\n$/,
  );
});

test('a second signal ends publish although the bucket does not answer', async () => {
  const stderr = await interruptPublish((asked) => asked.startsWith('PUT'), 2);
  assert.match(stderr, /error: podrole: was interrupted by SIGTERM; run again \[STOPPED\]\n$/);
});
