import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { stringify } from 'yaml';
import { onlyObject, readObjects } from '../../../testing/manifest-files.ts';
import { findBinary } from '../../cluster/find-binary.ts';
import { runCommand } from '../../cluster/run-command.ts';
import { ruleFile } from '../../setup/monitoring/prometheus.ts';
import { AGENT_CASES, AGENT_SERIES, type RuleCase, STEPS } from './agent-rule-cases.ts';

/** The alerts in promtool, which moves the time: what lets each one fire, after how long, and no other. */
const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-rules-'));
after(() => rm(folder, { recursive: true, force: true }));
await writeFile(path.join(folder, 'rules.yml'), ruleFile());
const { spec } = onlyObject(readObjects('overlays/monitoring/prometheusrule.yaml'), 'PrometheusRule');
const alerts: readonly string[] = spec.groups.flatMap(({ rules }: { rules: { alert: string }[] }) =>
  rules.map(({ alert }) => alert),
);

/** Series of a cluster in which all is well. */
const WELL: Readonly<Record<string, string>> = {
  'podrole_requests_total{result="failed"}': `0x${STEPS}`,
  'podrole_requests_total{result="warned"}': `0x${STEPS}`,
  'podrole_requests_total{result="patched"}': `0+60x${STEPS}`,
  'podrole_request_duration_seconds_bucket{le="0.1"}': `0+60x${STEPS}`,
  'podrole_request_duration_seconds_bucket{le="5"}': `0+60x${STEPS}`,
  'podrole_request_duration_seconds_bucket{le="+Inf"}': `0+60x${STEPS}`,
  'podrole_live_lookups_total{result="failed"}': `0x${STEPS}`,
  'podrole_watch_age_seconds{pod="a",namespace="podrole",resource="serviceaccounts"}': `30x${STEPS}`,
  'podrole_certificate_expiry_timestamp_seconds{pod="a",namespace="podrole"}': `7776000x${STEPS}`,
  'podrole_ca_bundle_patches_total{pod="a"}': `1x${STEPS}`,
  'podrole_publisher_is_leader{pod="b"}': `1x${STEPS}`,
  'podrole_publisher_is_leader{pod="c"}': `0x${STEPS}`,
  'podrole_publication_check_age_seconds{pod="b"}': `20x${STEPS}`,
  'podrole_publication_drift{pod="b"}': `0x${STEPS}`,
  ...AGENT_SERIES,
};

const cases: readonly RuleCase[] = [
  { alert: 'PodroleWebhookDown', with: { podrole_requests_total: undefined }, quietAt: '4m', firesAt: '6m' },
  {
    alert: 'PodroleMetricsMissing',
    with: { podrole_watch_age_seconds: undefined },
    quietAt: '14m',
    firesAt: '16m',
  },
  {
    alert: 'PodroleReviewsFail',
    with: { 'podrole_requests_total{result="failed"}': `0+1x${STEPS}` },
    quietAt: '4m',
    firesAt: '10m',
  },
  {
    alert: 'PodroleReviewsSlow',
    with: { 'podrole_request_duration_seconds_bucket{le="0.1"}': `0+30x${STEPS}` },
    quietAt: '9m',
    firesAt: '15m',
  },
  {
    alert: 'PodroleLiveLookupsFail',
    with: { 'podrole_live_lookups_total{result="failed"}': `0+1x${STEPS}` },
    quietAt: '9m',
    firesAt: '15m',
  },
  {
    alert: 'PodroleWatchStale',
    with: {
      'podrole_watch_age_seconds{pod="a",namespace="podrole",resource="serviceaccounts"}': `0+60x${STEPS}`,
    },
    quietAt: '9m',
    firesAt: '12m',
  },
  {
    alert: 'PodroleCertificateExpires',
    with: { 'podrole_certificate_expiry_timestamp_seconds{pod="a",namespace="podrole"}': `200000x${STEPS}` },
    quietAt: '59m',
    firesAt: '61m',
  },
  {
    alert: 'PodroleCaBundleContested',
    with: { 'podrole_ca_bundle_patches_total{pod="a"}': `0+1x${STEPS}` },
    quietAt: '5m',
    firesAt: '30m',
  },
  {
    alert: 'PodroleAnnotationsWrong',
    with: { 'podrole_requests_total{result="warned"}': `0x10 1x${STEPS}` },
    quietAt: '9m',
    firesAt: '15m',
  },
  {
    alert: 'PodrolePublisherDown',
    with: { 'podrole_publisher_is_leader{pod="b"}': '1x60', 'podrole_publisher_is_leader{pod="c"}': '0x60' },
    quietAt: '1h',
    firesAt: '75m',
  },
  {
    alert: 'PodrolePublicationStale',
    with: { 'podrole_publication_check_age_seconds{pod="b"}': `0+60x${STEPS}` },
    quietAt: '9m',
    firesAt: '12m',
  },
  {
    alert: 'PodrolePublicationDrift',
    with: { 'podrole_publication_drift{pod="b"}': `1x${STEPS}` },
    quietAt: '4m',
    firesAt: '6m',
  },
  {
    alert: 'PodrolePublisherWithoutLeader',
    with: { 'podrole_publisher_is_leader{pod="b"}': `0x${STEPS}` },
    quietAt: '4m',
    firesAt: '6m',
  },
  ...AGENT_CASES,
];

/** Runs promtool's tests. Each firing alert is compared by its labels, so that a quiet one expects none. */
async function promtool(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(
    findBinary('promtool', process.env['PODROLE_E2E_BINARIES']),
    args,
  );
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

test('promtool accepts the alerts', async () => {
  assert.match(await promtool('check', 'rules', path.join(folder, 'rules.yml')), /SUCCESS: 23 rules found/);
});

test('there is a case for each alert', () => {
  assert.deepEqual([...new Set(cases.map(({ alert }) => alert))].toSorted(), alerts.toSorted());
});

test('no alert fires while all is well', () => check([], WELL, [['2h', []]]));
for (const { alert, with: differences, quietAt, firesAt } of cases) {
  test(`${alert} fires at ${firesAt}, not yet at ${quietAt}, and no other does`, () => {
    const gone = Object.keys(differences).filter((name) => differences[name] === undefined);
    const series = Object.fromEntries(
      Object.entries({ ...WELL, ...differences }).filter(
        ([name, values]) => values !== undefined && !gone.includes(name.replace(/\{.*/, '')),
      ),
    );
    return check([alert], series, [
      [quietAt, []],
      [firesAt, [alert]],
    ]);
  });
}

for (const [alert, own, other] of [
  ['PodrolePublisherDown', /^podrole_publi/, /pod="d"/],
  ['PodroleAgentDown', /pod="d"/, /^podrole_publi/],
] as const) {
  test(`${alert} ends a week after the last one was seen`, () => {
    const seen = Object.entries(WELL)
      .filter(([name]) => !other.test(name))
      .map(([name, values]) => [name, own.test(name) ? values.replace(/x\d+$/, 'x60') : values]);
    return check(
      [alert],
      Object.fromEntries(seen),
      [
        ['150h', [alert]],
        ['170h', []],
      ],
      '1h',
    );
  });
}

/** Fails unless exactly these alerts fire at each time. `ALERTS` has the firing ones. */
async function check(
  names: readonly string[],
  series: Readonly<Record<string, string | undefined>>,
  times: readonly (readonly [at: string, firing: readonly string[]])[],
  every = '1m',
): Promise<void> {
  const file = path.join(folder, `${names[0] ?? 'well'}.yml`);
  const tests = {
    rule_files: ['rules.yml'],
    evaluation_interval: every,
    tests: [
      {
        interval: '1m',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: times.map(([eval_time, firing]) => ({
          expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
          eval_time,
          exp_samples: firing.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
        })),
      },
    ],
  };
  await writeFile(file, stringify(tests));
  await promtool('test', 'rules', file);
}
