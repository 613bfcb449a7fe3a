import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rawRequest } from '../testing/processes/raw-request.ts';
import { LISTENER_NAMES, serveWorkload } from '../testing/sidecar/served-workload.ts';

const GOOD = [
  'GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1:9911\r\nAccept: */*\r\n\r\n',
  'PUT /latest/api/token HTTP/1.1\r\nHost: 169.254.169.254\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\nContent-Length: 0\r\n\r\n',
  'PUT /latest/api/token HTTP/1.1\r\nHost: 169.254.169.254\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n',
  'HEAD /latest/meta-data/iam/security-credentials/web?x HTTP/1.0\r\n\r\n',
];

/** One or two good requests on a connection, with some bytes replaced, put in or taken out. */
const bytes = fc
  .record({
    requests: fc.array(fc.constantFrom(...GOOD), { minLength: 1, maxLength: 2 }),
    changes: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        taken: fc.nat(6),
        given: fc.oneof(
          fc.uint8Array({ maxLength: 4 }),
          fc
            .constantFrom('\r\n', '\n', ' ', ':', '\0', 'Host: x\r\n', 'Content-Length: 9\r\n', 'chunked')
            .map(Buffer.from),
        ),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ requests, changes }) =>
    changes.reduce(
      (whole, { at, taken, given }) => {
        const from = Math.floor(at * whole.length);
        return Buffer.concat([whole.subarray(0, from), given, whole.subarray(from + taken)]);
      },
      Buffer.from(requests.join('')),
    ),
  );

const REFUSALS = new Set(['100', '200', '400', '401', '403', '404', '405', '413', '417', '431']);

for (const by of LISTENER_NAMES) {
  test(`no bytes break the ${by} or cause a 5xx`, async () => {
    const server = await serveWorkload(by);
    let answers = 0;
    await fc.assert(
      fc.asyncProperty(bytes, async (sent) => {
        const received = await rawRequest(server.port, sent);
        for (const [, status = ''] of received.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
          answers += 1;
          assert.ok(REFUSALS.has(status), `status ${status}`);
        }
      }),
      { numRuns: 3_000 },
    );
    assert.ok(answers > 2_400, `${answers} answers`);
    assert.doesNotMatch(server.log.text(), /"level":"error"/);
    assert.match(await rawRequest(server.port, GOOD[0] ?? ''), /^HTTP\/1\.1 200 /);
    await server.close();
  });
}
