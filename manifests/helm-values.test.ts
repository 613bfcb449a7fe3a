import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { agentSettings } from '../agent/settings.ts';
import { publishSettings } from '../oidc/settings.ts';
import { redirectSettings } from '../redirect/settings.ts';
import { type Schema, settingsSchema } from '../testing/chart/settings-schema.ts';
import { valuesTable } from '../testing/chart/values-table.ts';
import { readManifest } from '../testing/manifest-files.ts';
import { webhookSettings } from '../webhook/settings.ts';

const chart = new URL('helm/', import.meta.url);
const isGolden = Boolean(process.env['UPDATE_GOLDEN']);
const webhook = settingsSchema(webhookSettings, [
  ...[
    'port',
    'metricsPort',
    'shutdownDelay',
    'inCluster',
    'serviceName',
    'tlsSecret',
    'webhookConfiguration',
  ],
  ...['tlsCert', 'tlsKey', 'namespace', 'sidecarImage', 'clientCa', 'clientName'],
]);
/** Beside its own, the ConfigMap of the agent has the one that users may set of podrole redirect --node. */
const agent = settingsSchema({ ...agentSettings, podInterface: redirectSettings.podInterface }, [
  ...['nodeName', 'kubeconfig', 'kubeApi', 'port', 'metricsPort', 'metricsHost', 'checkRules'],
  ...['kubeletPodsFolder', 'shutdownDelay', 'scrapePort'],
]);
const publisher = settingsSchema(publishSettings, ['watch', 'metricsPort', 'leaseName', 'serve']);

test('values.schema.json knows the settings of all commands', () => {
  const file = new URL('values.schema.json', chart);
  const schema = JSON.parse(readFileSync(file, 'utf8'));
  const expected = {
    ...schema,
    definitions: {
      ...schema.definitions,
      webhookSettings: webhook,
      publisherSettings: publisher,
      agentSettings: agent,
    },
  };
  if (isGolden && !isDeepStrictEqual(schema, expected))
    writeFileSync(file, `${JSON.stringify(expected, null, 2)}\n`);
  assert.deepEqual(isGolden ? expected : schema, expected);
});

const settingsCases: readonly (readonly [
  name: string,
  schema: Schema,
  accepted: unknown[],
  refused: unknown[],
])[] = [
  ['PODROLE_EVENTS', webhook, [true, 'false', '1'], ['yes', '', 1]],
  ['PODROLE_LOG_LEVEL', webhook, ['debug'], ['verbose', 'INFO', '']],
  ['PODROLE_TOKEN_EXPIRATION', webhook, [86_400, '600'], ['1h', 'x', 1.5]],
  ['PODROLE_RESYNC_PERIOD', webhook, ['60s', '1m30s', '0'], ['60', '1 minute', 60]],
  ['PODROLE_ACCOUNT_ID', webhook, ['012345678901', ''], [12_345_678_901]],
  ['PODROLE_TO', publisher, ['s3://bucket'], ['', true]],
];
for (const [name, { properties }, accepted, refused] of settingsCases) {
  test(`the schema of ${name} tells good values from others`, () => {
    const schema = (properties as Readonly<Record<string, Schema>>)[name];
    assert.ok(schema, `no ${name}`);
    for (const value of accepted) assert.ok(matches(schema, value), JSON.stringify(value));
    for (const value of refused) assert.ok(!matches(schema, value), JSON.stringify(value));
  });
}

test('the schema accepts the default of each setting', () => {
  for (const [name, { properties }] of [
    ['webhook', webhook],
    ['publisher', publisher],
  ] as const) {
    const table = name === 'webhook' ? webhookSettings : publishSettings;
    for (const [key, setting] of Object.entries(table)) {
      const variable = `PODROLE_${key.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
      const schema = (properties as Readonly<Record<string, Schema>>)[variable];
      const written = 'writtenDefault' in setting ? setting.writtenDefault : setting.default;
      if (schema && ['string', 'number', 'boolean'].includes(typeof written)) {
        assert.ok(matches(schema, written), `${variable}: ${String(written)}`);
      }
    }
  }
});

test('values.schema.json knows every value of values.yaml, and values.yaml every one of the schema', () => {
  const schema = JSON.parse(readManifest('helm/values.schema.json'));
  const values = parse(readManifest('helm/values.yaml'));
  const known = (properties: object) => Object.keys(properties).toSorted();
  assert.deepEqual(
    known(schema.properties).filter((name) => name !== 'global'),
    known(values),
  );
  for (const [name, { properties }] of Object.entries<{ properties?: object }>(schema.properties)) {
    if (properties) assert.deepEqual(known(properties), known(values[name]), name);
  }
});

test("the chart's README lists every value", () => {
  const file = new URL('README.md', chart);
  const readme = readFileSync(file, 'utf8');
  const [head] = readme.split('\n| value |');
  const expected = `${head}\n${valuesTable(readManifest('helm/values.yaml'))}\n`;
  if (isGolden) writeFileSync(file, expected);
  assert.equal(isGolden ? expected : readme, expected);
});

test('the chart has the alerts, the dashboard and the ServiceMonitors of overlays/monitoring', () => {
  const monitors = ['servicemonitor.yaml', 'servicemonitor-agent.yaml'];
  for (const name of ['podrole.json', 'prometheusrule.yaml', 'service.yaml', ...monitors]) {
    const source = readManifest(`overlays/monitoring/${name}`);
    if (isGolden) writeFileSync(new URL(`files/${name}`, chart), source);
    assert.equal(readManifest(`helm/files/${name}`), source, name);
  }
});

/** Says whether a value matches, for the keywords that settingsSchema uses. */
function matches(schema: Schema, value: unknown): boolean {
  if ('anyOf' in schema) return (schema['anyOf'] as Schema[]).some((one) => matches(one, value));
  if ('const' in schema) return schema['const'] === value;
  if ('enum' in schema) return (schema['enum'] as unknown[]).includes(value);
  const types = [schema['type']].flat();
  if (typeof value === 'string') {
    const isLong = value.length >= Number(schema['minLength'] ?? 0);
    return types.includes('string') && isLong && new RegExp(String(schema['pattern'] ?? '')).test(value);
  }
  const isInRange = Number(value) >= Number(schema['minimum']) && Number(value) <= Number(schema['maximum']);
  return types.includes('integer') && Number.isInteger(value) && isInRange;
}
