import { test } from 'node:test';
import { assertFaults } from '../../testing/faults.ts';
import { refuseOwnEndpoint } from './own-endpoint.ts';

const own = { ports: [9931, 9932], addresses: ['192.0.2.7', 'fd00::7'] };
const IMDS = 'AWS_EC2_METADATA_SERVICE_ENDPOINT';
const CONTAINER = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';

for (const [variable, url] of [
  [IMDS, 'http://127.0.0.1:9931'],
  [IMDS, 'http://localhost:9931/'],
  [IMDS, 'http://localhost.:9932'],
  [IMDS, 'http://[::1]:9931'],
  [IMDS, 'http://[::ffff:127.0.0.1]:9931'],
  [IMDS, 'http://127.1:9931'],
  [IMDS, 'http://0.0.0.0:9931'],
  [IMDS, 'http://192.0.2.7:9931'],
  [IMDS, 'http://[FD00::0:7]:9931'],
  [CONTAINER, 'http://127.0.0.2:9931/v1/credentials'],
  [CONTAINER, 'https://podrole.localhost:9931/v1/credentials'],
] as const) {
  test(`${variable}=${url} leads to podrole itself`, () => {
    assertFaults(() => refuseOwnEndpoint({ [variable]: url }, own), [/: leads to podrole itself/]);
  });
}

for (const url of [
  '',
  'not a URL',
  'http://127.0.0.1:9911',
  'http://127.0.0.1',
  'http://192.0.2.8:9931',
  'http://[fd00:ec2::254]',
  'http://metadata.internal:9931',
]) {
  test(`${JSON.stringify(url)} leads elsewhere`, () => {
    refuseOwnEndpoint({ [IMDS]: url, [CONTAINER]: url }, own);
  });
}

test('port 80 is that of a URL without a port', () => {
  const at80 = { ports: [80], addresses: [] };
  assertFaults(() => refuseOwnEndpoint({ [IMDS]: 'http://127.0.0.1' }, at80), [/SERVICE_ENDPOINT: leads/]);
});
