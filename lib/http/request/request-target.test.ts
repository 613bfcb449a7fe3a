import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { assertLinear } from '../../../testing/cost/step-count.ts';
import { rawRequest } from '../../../testing/processes/raw-request.ts';
import { serveWorkload } from '../../../testing/sidecar/served-workload.ts';
import { requestTarget } from './request-target.ts';

const server = await serveWorkload();
after(() => server.close());

const targets: readonly (readonly [sent: string, url: string, authority: string | undefined])[] = [
  ['/latest', '/latest', undefined],
  ['*', '*', undefined],
  ['//host/latest', '//host/latest', undefined],
  ['http://169.254.169.254/latest?x', '/latest?x', '169.254.169.254'],
  ['HTTP://localhost:80', '/', 'localhost:80'],
  ['http://localhost?x=/', '/?x=/', 'localhost'],
  ['http://u:p@localhost/a', '/a', 'u:p@localhost'],
  ['http:///latest', '/latest', ''],
  ['http://localhost\\@other/', '\\@other/', 'localhost'],
  ['https://localhost/latest', 'https://localhost/latest', undefined],
];

for (const [sent, url, authority] of targets) {
  test(`the target ${sent}`, () => assert.deepEqual(requestTarget(sent), { url, authority }));
}

test('a long target takes linear time', async () => {
  await assertLinear((size) => {
    const target = `http://${'a'.repeat(size)}`;
    return () => requestTarget(target);
  });
});

const ZONE = '/latest/meta-data/placement/availability-zone';
const METADATA = '169.254.169.254';

const answers: readonly (readonly [target: string, host: string, answer: RegExp])[] = [
  [`http://${METADATA}${ZONE}`, METADATA, /^HTTP\/1\.1 200 .*eu-central-1a$/s],
  [`http://${METADATA}:80${ZONE}`, METADATA, /^HTTP\/1\.1 200 /],
  [`http://[fd00:ec2::254]${ZONE}`, '[fd00:ec2:0::254]', /^HTTP\/1\.1 200 /],
  ['http://127.0.0.1:9911/v1/credentials', '127.0.0.1:9911', /^HTTP\/1\.1 200 .*AccessKeyId/s],
  ['http://169.254.170.2/v1/credentials', '169.254.170.2', /^HTTP\/1\.1 200 .*AccessKeyId/s],
  // Container credentials are not served for a host of instance metadata, nor by naming two hosts.
  [`http://${METADATA}/v1/credentials`, METADATA, /^HTTP\/1\.1 404 /],
  ['http://127.0.0.1/v1/credentials', METADATA, /^HTTP\/1\.1 403 .*HOST_NOT_ALLOWED/s],
  [`http://${METADATA}/v1/credentials`, '127.0.0.1', /^HTTP\/1\.1 403 /],
  [`http://attacker.test${ZONE}`, 'attacker.test', /^HTTP\/1\.1 403 /],
  [`http://attacker.test${ZONE}`, METADATA, /^HTTP\/1\.1 403 /],
  [`http://${METADATA}${ZONE}`, 'attacker.test', /^HTTP\/1\.1 403 /],
  [`http://u:p@${METADATA}${ZONE}`, METADATA, /^HTTP\/1\.1 (400|403) /],
  [`http://${METADATA}@attacker.test${ZONE}`, METADATA, /^HTTP\/1\.1 (400|403) /],
  [`http://attacker.test\\@${METADATA}${ZONE}`, METADATA, /^HTTP\/1\.1 (400|403) /],
  [`http://${ZONE}`, METADATA, /^HTTP\/1\.1 (400|403) /],
  [`https://${METADATA}${ZONE}`, METADATA, /^HTTP\/1\.1 404 /],
  [`ftp://${METADATA}${ZONE}`, METADATA, /^HTTP\/1\.1 (400|404) /],
  [`//${METADATA}${ZONE}`, METADATA, /^HTTP\/1\.1 404 /],
  [`http://${METADATA}/${'a'.repeat(9_000)}`, METADATA, /^HTTP\/1\.1 431 /],
];

for (const [target, host, answer] of answers) {
  test(`GET ${target.slice(0, 80)} with Host ${host}`, async () => {
    const sent = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    assert.match(await rawRequest(server.port, sent), answer);
  });
}

test('a request that a proxy forwarded is refused in this form too', async () => {
  const ask = (line: string, ...headers: readonly string[]) =>
    rawRequest(server.port, [`${line} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n'));
  const forwarded = 'Via: 1.1 proxy';
  const credentials = await ask('GET http://127.0.0.1/v1/credentials', 'Host: 127.0.0.1', forwarded);
  assert.match(credentials, /^HTTP\/1\.1 403 .*FORWARDED/s);
  const ttl = 'X-aws-ec2-metadata-token-ttl-seconds: 60';
  const token = `PUT http://${METADATA}/latest/api/token`;
  assert.match(await ask(token, `Host: ${METADATA}`, ttl, forwarded), /^HTTP\/1\.1 403 /);
  assert.match(await ask(token, `Host: ${METADATA}`, ttl), /^HTTP\/1\.1 200 /);
});
