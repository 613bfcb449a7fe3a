import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyFlagsOf } from '../../collect/narrow/proxy-flags.ts';
import type { OldProxy } from '../../model.ts';
import { silentLevel } from './logged-level.ts';
import { countRequests, metricsPort } from './proxy-metrics.ts';

const PORTS: readonly (readonly [OldProxy, readonly string[], string | undefined])[] = [
  ['kiam', ['agent', '--prometheus-listen-addr=0.0.0.0:9620'], '9620'],
  ['kiam', ['agent', '--prometheus-listen-addr', ':9620'], '9620'],
  ['kiam', ['agent', '--prometheus-listen-addr=localhost:9620'], undefined],
  ['kiam', ['agent', '--prometheus-listen-addr=127.0.0.1:9620'], undefined],
  ['kiam', ['agent', '--prometheus-listen-addr'], undefined],
  ['kiam', ['agent'], undefined],
  ['kube2iam', ['--metrics-port=9543'], '9543'],
  ['kube2iam', ['--metrics-port=8181'], undefined],
  ['kube2iam', ['--app-port=9000', '--metrics-port=8181'], '8181'],
  ['kube2iam', ['--app-port=9000', '--metrics-port=9000'], undefined],
  ['kube2iam', ['--metrics-port=../x'], undefined],
  ['kube2iam', [], undefined],
];

for (const [from, args, expected] of PORTS) {
  test(`the port of the metrics: ${from} ${args.join(' ')}`, () => {
    assert.equal(metricsPort(proxyFlagsOf([{ args }]), from), expected);
  });
}

const COUNTS: readonly (readonly [OldProxy, readonly string[], number | undefined])[] = [
  ['kiam', [], undefined],
  ['kiam', ['go_goroutines 7'], undefined],
  ['kiam', ['kiam_metadata_handler_latency_milliseconds_count{handler="health"} 9'], 0],
  [
    'kiam',
    [
      'kiam_metadata_success_total{handler="credentials"} 3',
      'kiam_metadata_success_total{handler="roleName"} 2',
    ],
    5,
  ],
  ['kiam', ['kiam_metadata_responses_total{code="200",handler="credentials"} 1e+06'], 1_000_000],
  ['kiam', ['kiam_metadata_success_total{handler="credentials"} NaN'], 1],
  ['kube2iam', ['kube2iam_info{version="0.11"} 1'], 0],
  ['kube2iam', ['kube2iam_http_request_duration_seconds_count{handler="roleHandler"} 3'], undefined],
  [
    'kube2iam',
    [
      'kube2iam_info{version="0.11"} 1',
      'kube2iam_http_request_duration_seconds_count{code="200",handler="roleHandler",method="GET"} 3',
      'kube2iam_http_request_duration_seconds_count{code="404",handler="securityCredentialsHandler",method="GET"} 4',
      'kube2iam_http_request_duration_seconds_count{code="200",handler="healthHandler",method="GET"} 500',
    ],
    7,
  ],
];

for (const [from, lines, expected] of COUNTS) {
  test(`requests in metrics of ${from}: ${expected} in ${lines.length} lines`, () => {
    const count = countRequests(from);
    for (const line of lines) count.add(line);
    assert.equal(count.total(), expected);
  });
}

const LEVELS: readonly (readonly [OldProxy, readonly string[], string | undefined])[] = [
  ['kube2iam', [], undefined],
  ['kube2iam', ['--log-level=warn'], '--log-level=warn'],
  ['kube2iam', ['--log-level', 'error'], '--log-level=error'],
  ['kube2iam', ['--log-level=INFO'], undefined],
  ['kube2iam', ['--log-level=warn', '--log-level=debug'], undefined],
  ['kube2iam', ['--log-level=$(LEVEL)'], undefined],
  ['kube2iam', ['--log-level=$(OTHER)'], '--log-level=$(OTHER)'],
  ['kiam', ['agent', '--level=error'], '--level=error'],
  ['kiam', ['agent', '--level', 'info', '--json-log'], undefined],
];

const KNOWN = { env: [{ name: 'LEVEL', value: 'info' }] };
for (const [from, args, expected] of LEVELS) {
  test(`the level of the log: ${from} ${args.join(' ')}`, () => {
    assert.equal(silentLevel(proxyFlagsOf([{ ...KNOWN, args }]), from), expected);
  });
}
