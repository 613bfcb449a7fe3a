import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { drain, listen } from '../../lib/http/serve.ts';
import { S3_CLIENT_DEFAULTS } from './open-target.ts';
import { createS3Target } from './s3.ts';
import type { PublicationTarget } from './target.ts';

/** Recorded answers of S3, one after the other; collects the requests. */
interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

let answers: Answer[] = [];
let requests: {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}[] = [];

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers } = request;
  requests.push({ line: `${method} ${url}`, headers, body: await text(request) });
  const { status, body = '', headers: own = {} } = answers.shift() ?? { status: 500 };
  response.writeHead(status, { 'Content-Type': 'application/xml', ...own }).end(body);
}

const server = createServer((request, response) => void answer(request, response));
let client: S3Client;
let target: PublicationTarget;
before(async () => {
  client = new S3Client({
    endpoint: `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
    maxAttempts: 1,
    ...S3_CLIENT_DEFAULTS,
    forcePathStyle: true,
  });
  target = createS3Target(client, { bucket: 'keys', prefix: 'site', urlPrefix: '' });
});
after(() => drain(server, 0));

function play(...next: readonly Answer[]): void {
  answers = [...next];
  requests = [];
}

/** S3 API Reference, "Error responses": the shape, with the fields that S3 sends. */
function fault(status: number, code: string, message = 'as recorded'): Answer {
  return {
    status,
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>4442587FB7D0A2F9</RequestId><HostId>abc</HostId></Error>`,
  };
}

const ABSENT = fault(404, 'NoSuchKey', 'The specified key does not exist.');
const FOUND: Answer = { status: 200, body: '{"keys":[]}', headers: { ETag: '"v1"' } };
const DOCUMENT = {
  content: '{}',
  contentType: 'application/jwk-set+json',
  cacheControl: 'public, max-age=60',
};
const put = (revision?: string) => target.replace('/one/jwks', DOCUMENT, revision);

test('reads an object with its ETag', async () => {
  play(FOUND);
  assert.deepEqual(await target.read('/one/openid/v1/jwks'), { content: '{"keys":[]}', revision: '"v1"' });
  assert.match(String(requests[0]?.line), /^GET \/keys\/site\/one\/openid\/v1\/jwks(\?|$)/);
});

test('a missing object is undefined', async () => {
  play(ABSENT);
  assert.equal(await target.read('/one/jwks'), undefined);
});

test('a new object is written if there still is none, with its headers and without an ACL', async () => {
  play(ABSENT, { status: 200 });
  await put();
  const { headers = {}, body, line } = requests[1] ?? {};
  assert.match(String(line), /^PUT \/keys\/site\/one\/jwks(\?|$)/);
  assert.equal(headers['if-none-match'], '*');
  assert.equal(headers['content-type'], DOCUMENT.contentType);
  assert.equal(headers['cache-control'], DOCUMENT.cacheControl);
  assert.equal(headers['x-amz-acl'], undefined);
  assert.equal(body, '{}');
});

test('an object is replaced if it is still the one that was read', async () => {
  play(FOUND, { status: 200 });
  await put('"v1"');
  assert.equal(requests[1]?.headers['if-match']?.replaceAll('"', ''), 'v1');
});

const conflicts: readonly (readonly [string, readonly Answer[], string | undefined])[] = [
  ['it has changed already', [FOUND], '"v0"'],
  ['it has gone', [ABSENT], '"v1"'],
  ['one has come', [FOUND], undefined],
  ['it changes in the last moment', [FOUND, fault(412, 'PreconditionFailed')], '"v1"'],
  ['two write at once', [ABSENT, fault(409, 'ConditionalRequestConflict')], undefined],
];
for (const [name, recorded, revision] of conflicts) {
  test(`nothing is overwritten: ${name}`, async () => {
    play(...recorded);
    await assert.rejects(put(revision), { code: 'TARGET_CHANGED' });
  });
}

test('without conditional writes, the object is compared before it is written', async () => {
  play(
    FOUND,
    fault(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented'),
    {
      status: 200,
    },
  );
  await put('"v1"');
  assert.equal(requests[2]?.headers['if-match'], undefined);
  assert.equal(requests[2]?.body, '{}');
});

const faults: readonly (readonly [string, Answer, string, RegExp])[] = [
  [
    'no bucket',
    fault(404, 'NoSuchBucket', 'The specified bucket does not exist'),
    'TARGET_UNREADABLE',
    /create the bucket/,
  ],
  [
    'no right to read',
    fault(403, 'AccessDenied', 'Access Denied'),
    'TARGET_UNREADABLE',
    /s3:GetObject .* s3:ListBucket/,
  ],
  ['another region', fault(400, 'AuthorizationHeaderMalformed'), 'TARGET_UNREADABLE', /AWS_REGION/],
  ['an unknown key', fault(403, 'InvalidAccessKeyId'), 'TARGET_UNREADABLE', /credentials of the account/],
  ['something else', fault(500, 'InternalError'), 'TARGET_UNREADABLE', /InternalError.*aws s3 ls/],
];
for (const [name, recorded, code, message] of faults) {
  test(`reports ${name}`, async () => {
    play(recorded);
    await assert.rejects(target.read('/one/jwks'), { code, message });
  });
}

test('reports the permission that is missing to write', async () => {
  play(ABSENT, fault(403, 'AccessDenied', 'Access Denied'));
  await assert.rejects(put(), { code: 'TARGET_UNWRITABLE', message: /s3:PutObject/ });
});

test('removes an object', async () => {
  play({ status: 204 });
  await target.remove('/one/jwks');
  assert.match(String(requests[0]?.line), /^DELETE \/keys\/site\/one\/jwks/);
});

test('the URLs of path-style issuers begin with the bucket, keys do not', async () => {
  play(FOUND);
  const pathStyle = createS3Target(client, { bucket: 'keys', prefix: '', urlPrefix: '/keys' });
  await pathStyle.read('/keys/one/jwks');
  assert.match(String(requests[0]?.line), /^GET \/keys\/one\/jwks/);
});
