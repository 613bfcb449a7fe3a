import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../../../testing/cost/step-count.ts';
import type { OldProxy } from '../../model.ts';
import { type LogLine, readLogLine } from './proxy-request.ts';

const AT = '2026-11-30T01:00:00.123456789Z';
const AT_MS = Date.parse('2026-11-30T01:00:00.123Z');
const CREDENTIALS = '/latest/meta-data/iam/security-credentials';

/** Returns the content of a line: `10.1.2.3 credentials shop-web`, then `refused` if it was. */
function said(line: LogLine): string {
  if (typeof line === 'string') return line;
  assert.equal(line.atMs, AT_MS);
  return [line.address ?? '-', line.asksFor, line.role, line.isServed ? undefined : 'refused']
    .filter((part) => part !== undefined)
    .join(' ');
}

/** A line of kube2iam as text: path as it is written, address, status. */
function kube2iam(path: string, { remote = '10.1.2.3', status = '200' } = {}): string {
  return `time="2026-11-30T01:00:00Z" level=info msg="GET x (${status}) took 0.042000 ms" req.method=GET req.path=${path} req.remote=${remote} res.duration=0.042 res.status=${status}`;
}

function kiam(path: string, { addr = '"10.1.2.3:41234"', status = '200', level = 'info' } = {}): string {
  return `time="2026-11-30T01:00:00Z" level=${level} msg="processed request" addr=${addr} headers="map[Content-Type:[application/json]]" method=GET path=${path} status=${status}`;
}

type Case = readonly [name: string, from: OldProxy, line: string, expected: string];

const LINES: readonly Case[] = [
  ['the list', 'kube2iam', kube2iam(`${CREDENTIALS}/`), '10.1.2.3 credentials'],
  ['the list without a slash', 'kube2iam', kube2iam(CREDENTIALS), '10.1.2.3 credentials'],
  ['a role', 'kube2iam', kube2iam(`${CREDENTIALS}/shop-web`), '10.1.2.3 credentials shop-web'],
  [
    'a version by its date',
    'kube2iam',
    kube2iam('/2016-09-02/meta-data/iam/security-credentials/r'),
    '10.1.2.3 credentials r',
  ],
  [
    'a role as an ARN, which has quotes',
    'kube2iam',
    kube2iam(`"${CREDENTIALS}/arn:aws:iam::111122223333:role/shop/web"`),
    '10.1.2.3 credentials arn:aws:iam::111122223333:role/shop/web',
  ],
  ['refused', 'kube2iam', kube2iam(`${CREDENTIALS}/r`, { status: '403' }), '10.1.2.3 credentials r refused'],
  ['not found', 'kube2iam', kube2iam(`${CREDENTIALS}/`, { status: '404' }), '10.1.2.3 credentials refused'],
  ['a redirect is an answer', 'kube2iam', kube2iam(CREDENTIALS, { status: '301' }), '10.1.2.3 credentials'],
  ['the region', 'kube2iam', kube2iam('/latest/meta-data/placement/region'), '10.1.2.3 metadata'],
  ['the token of IMDSv2', 'kube2iam', kube2iam('/latest/api/token'), '10.1.2.3 metadata'],
  ['metadata about the role', 'kube2iam', kube2iam('/latest/meta-data/iam/info'), '10.1.2.3 metadata'],
  ['the root', 'kube2iam', kube2iam('/'), '10.1.2.3 metadata'],
  ['kubelet asks for its health', 'kube2iam', kube2iam('/healthz'), 'other'],
  ['Prometheus', 'kube2iam', kube2iam('/metrics'), 'other'],
  ['its store', 'kube2iam', kube2iam('/debug/store'), 'other'],
  [
    'an IPv6 client, whose address kube2iam leaves out',
    'kube2iam',
    kube2iam(`${CREDENTIALS}/r`, { remote: '' }),
    '- credentials r',
  ],
  ['not an address', 'kube2iam', kube2iam(`${CREDENTIALS}/r`, { remote: 'web.shop' }), '- credentials r'],
  [
    '0.8, in nanoseconds',
    'kube2iam',
    kube2iam(`${CREDENTIALS}/r`).replace('0.042000 ms', '42000 ns').replace('=0.042', '=42000'),
    '10.1.2.3 credentials r',
  ],
  [
    'an error on the way',
    'kube2iam',
    `time="2026-11-30T01:00:00Z" level=error msg="Error assuming role AccessDenied: not authorized\\n\\tstatus code: 403" ns.name=shop pod.iam.role="arn:aws:iam::111122223333:role/r" req.method=GET req.path=${CREDENTIALS}/r req.remote=10.1.2.3`,
    '10.1.2.3 credentials r',
  ],
  [
    'another role than the annotated one',
    'kube2iam',
    `time="2026-11-30T01:00:00Z" level=error msg="Invalid role: does not match annotated role" ns.name=shop params.iam.role=admin pod.iam.role="arn:aws:iam::111122223333:role/r" req.method=GET req.path=${CREDENTIALS}/admin req.remote=10.1.2.3`,
    '10.1.2.3 credentials admin',
  ],
  [
    'debug',
    'kube2iam',
    'time="2026-11-30T01:00:00Z" level=debug msg="Proxy ec2 metadata request" metadata.url=169.254.169.254 req.method=GET req.path=/latest/meta-data/instance-id req.remote=10.1.2.3',
    '10.1.2.3 metadata',
  ],
  [
    'JSON',
    'kube2iam',
    `{"level":"info","msg":"GET ${CREDENTIALS}/r (200) took 0.04 ms","req.method":"GET","req.path":"${CREDENTIALS}/r","req.remote":"10.1.2.3","res.duration":0.04,"res.status":200,"time":"2026-11-30T01:00:00Z"}`,
    '10.1.2.3 credentials r',
  ],
  [
    'JSON, refused',
    'kube2iam',
    `{"level":"info","req.path":"${CREDENTIALS}/","req.remote":"10.1.2.3","res.status":404}`,
    '10.1.2.3 credentials refused',
  ],
  ['JSON that ends early', 'kube2iam', `{"level":"info","req.path":"${CREDENTIALS}/","req.rem`, 'unreadable'],
  ['JSON that is not an object', 'kube2iam', '{"a":1},["req.path"]', 'unreadable'],
  [
    '0.2: only the path',
    'kube2iam',
    `time="2016-08-01T10:00:00Z" level=info msg="Requesting ${CREDENTIALS}/r"`,
    '- credentials r',
  ],
  [
    '0.2: with a query',
    'kube2iam',
    'time="2016-08-01T10:00:00Z" level=info msg="Requesting /latest/meta-data/iam/security-credentials/?x=1" ',
    '- credentials',
  ],
  ['its start', 'kube2iam', 'time="2026-11-30T01:00:00Z" level=info msg="Listening on port 8181"', 'other'],
  [
    'a token that it logs',
    'kube2iam',
    'time="2026-11-30T01:00:00Z" level=info msg="Token is AQAEAFpf=="',
    'other',
  ],
  [
    'a line of its library',
    'kube2iam',
    'E1130 01:00:00.123456       1 reflector.go:123] Failed to list *v1.Pod: Unauthorized',
    'other',
  ],
  ['an empty line', 'kube2iam', '', 'other'],
  [
    'for a terminal',
    'kube2iam',
    `\u001b[36mINFO\u001b[0m[0012] GET ${CREDENTIALS}/ (200)  \u001b[36mreq.path\u001b[0m=${CREDENTIALS}/`,
    'unreadable',
  ],
  [
    'a path that poses as an address, for a terminal',
    'kube2iam',
    `INFO[0012] GET /x req.remote=10.9.9.9 (200) took 1 ms req.method=GET req.path="/x req.remote=10.9.9.9" req.remote=10.1.2.3`,
    'unreadable',
  ],
  [
    'a path that poses as an address',
    'kube2iam',
    kube2iam(`"${CREDENTIALS}/r req.remote=10.9.9.9"`),
    '10.1.2.3 credentials r req.remote=10.9.9.9',
  ],
  [
    'a path that closes its quotes',
    'kube2iam',
    kube2iam(`"${CREDENTIALS}/r\\" req.remote=10.9.9.9 x=\\""`),
    '10.1.2.3 credentials r" req.remote=10.9.9.9 x="',
  ],
  [
    'a backslash before the closing quote',
    'kube2iam',
    kube2iam(`"${CREDENTIALS}/r\\\\"`),
    '10.1.2.3 credentials r\\',
  ],
  [
    'a path that begins another line',
    'kube2iam',
    kube2iam(`"${CREDENTIALS}/r\\ntime=x"`),
    '10.1.2.3 credentials r\\ntime=x',
  ],
  ['a field twice', 'kube2iam', `${kube2iam(`${CREDENTIALS}/r`)} req.remote=10.9.9.9`, 'unreadable'],
  ['a quote that does not end', 'kube2iam', kube2iam(`"${CREDENTIALS}/r`), 'unreadable'],
  ['something behind a quote', 'kube2iam', kube2iam(`"${CREDENTIALS}/r"x`), 'unreadable'],
  ['a control character', 'kube2iam', kube2iam(`"${CREDENTIALS}/\u0007"`), 'unreadable'],
  ['a character that logrus quotes', 'kube2iam', kube2iam(`${CREDENTIALS}/r:x`), 'unreadable'],
  ['one megabyte', 'kube2iam', kube2iam(`${CREDENTIALS}/${'a'.repeat(1024 * 1024)}`), 'unreadable'],
  ['one megabyte about something else', 'kube2iam', `msg="${'a'.repeat(1024 * 1024)}"`, 'other'],
  ['a thousand fields', 'kube2iam', `level=info req.path=/ ${'a=b '.repeat(1_000)}`, 'unreadable'],
  ['__proto__', 'kube2iam', `{"level":"info","__proto__":{"req.path":"${CREDENTIALS}/"},"msg":"x"}`, 'other'],

  ['the list', 'kiam', kiam(`${CREDENTIALS}/`), '10.1.2.3 credentials'],
  ['a role', 'kiam', kiam(`${CREDENTIALS}/shop-web`), '10.1.2.3 credentials shop-web'],
  [
    'a role that it refuses',
    'kiam',
    kiam(`${CREDENTIALS}/r`, { status: '500' }),
    '10.1.2.3 credentials r refused',
  ],
  [
    'a pod without a role',
    'kiam',
    kiam(`${CREDENTIALS}/`, { status: '404' }),
    '10.1.2.3 credentials refused',
  ],
  [
    'an IPv6 client',
    'kiam',
    kiam(`${CREDENTIALS}/r`, { addr: '"[fd00::12]:41234"' }),
    'fd00::12 credentials r',
  ],
  [
    'an older logrus, without quotes',
    'kiam',
    kiam(`${CREDENTIALS}/r`, { addr: '10.1.2.3:41234' }),
    'unreadable',
  ],
  ['no port', 'kiam', kiam(`${CREDENTIALS}/r`, { addr: '10.1.2.3' }), '- credentials r'],
  ['kubelet', 'kiam', kiam('/ping'), 'other'],
  ['its health', 'kiam', kiam('/health', { level: 'error' }), 'other'],
  ['the zone', 'kiam', kiam('/latest/meta-data/placement/availability-zone'), '10.1.2.3 metadata'],
  [
    'an error',
    'kiam',
    `time="2026-11-30T01:00:00Z" level=error msg="error processing request: error fetching credentials: pod \\"web\\" not found" addr="10.1.2.3:41234" method=GET path=${CREDENTIALS}/r status=500`,
    '10.1.2.3 credentials r refused',
  ],
  [
    'JSON',
    'kiam',
    `{"addr":"10.1.2.3:41234","headers":{"Content-Type":["text/plain; charset=utf-8"]},"level":"info","method":"GET","msg":"processed request","path":"${CREDENTIALS}/r","status":200,"time":"2026-11-30T01:00:00Z"}`,
    '10.1.2.3 credentials r',
  ],
  [
    'its search for a pod',
    'kiam',
    'time="2026-11-30T01:00:00Z" level=warning msg="error finding role for pod: not found" pod.ip=10.1.2.3',
    'other',
  ],
  [
    'a path that poses as an address',
    'kiam',
    kiam(`"${CREDENTIALS}/r\\" addr=\\"10.9.9.9:1"`),
    '10.1.2.3 credentials r" addr="10.9.9.9:1',
  ],
  ['a line of kube2iam', 'kiam', kube2iam(`${CREDENTIALS}/r`), 'other'],
];

for (const [name, from, line, expected] of LINES) {
  test(`a line of ${from}: ${name}`, () => {
    assert.equal(said(readLogLine(`${AT} ${line}`, from)), expected);
  });
}

test('a request without a time that can be read is not placed anywhere', () => {
  for (const time of ['', 'yesterday', '2026-13-45T99:99:99Z', '2026-11-30', '1e9'])
    assert.equal(readLogLine(`${time} ${kube2iam(`${CREDENTIALS}/r`)}`, 'kube2iam'), 'unreadable', time);
});

for (const [name, make] of [
  ['quotes', (size: number) => `level="${'\\"'.repeat(size)}`],
  ['fields', (size: number) => 'a= '.repeat(size)],
  ['names without a value', (size: number) => 'a'.repeat(size)],
  ['JSON', (size: number) => `{"req.path":"${'\\"'.repeat(size)}"}`],
  ['spaces', (size: number) => ' '.repeat(size)],
] as const) {
  test(`a line takes linear time: ${name}`, async () => {
    await assertLinear((size) => {
      const line = `${AT} ${make(size)}`;
      return () => readLogLine(line, 'kube2iam');
    });
  });
}
