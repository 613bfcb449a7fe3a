import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAgentMetrics } from '../agent/metrics.ts';
import { agentSettings } from '../agent/settings.ts';
import { onlyObject, readManifest, readObjects } from '../testing/manifest-files.ts';
import { createMetrics } from '../webhook/metrics.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const rules = onlyObject(readObjects('overlays/monitoring/prometheusrule.yaml'), 'PrometheusRule');
type Rule = {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: Record<string, string>;
};
const alerts: readonly Rule[] = rules.spec.groups.flatMap((group: { rules: Rule[] }) => group.rules);
const dashboard = JSON.parse(readManifest('overlays/monitoring/podrole.json'));
type Panel = { id: number; title: string; targets?: { expr: string }[]; gridPos: Record<'x' | 'w', number> };
const panels: readonly Panel[] = dashboard.panels;
const queries = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
];
const { registry } = createMetrics();
const { registry: agentRegistry } = createAgentMetrics();
const exposition = `${await registry.metrics()}\n${await agentRegistry.metrics()}`;
const known = new Set([
  ...[registry, agentRegistry].flatMap((each) => each.getMetricsAsArray().map(({ name }) => name)),
  // Some are registered only once a cluster is followed: those are found by their names in the sources.
  ...globSync(['webhook/**/*.ts', 'oidc/**/*.ts', 'agent/**/*.ts'], {
    cwd: root,
    exclude: ['**/*.test.ts'],
  }).flatMap((file) =>
    [...readFileSync(`${root}${file}`, 'utf8').matchAll(/'(podrole_[a-z_]+)'/g)].map(([, name = '']) => name),
  ),
]);

test('every metric that is shown or watched is one that podrole has', () => {
  for (const [where, expr] of queries) {
    const names = [...expr.matchAll(/\b(?:podrole|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
    assert.ok(names.length > 0, where);
    for (const name of names) assert.ok(known.has(name.replace(/_bucket$/, '')), `${where}: ${name}`);
  }
});

test('every result of a review that is asked for is one that is counted', () => {
  const results = queries.flatMap(([where, expr]) =>
    [...expr.matchAll(/podrole_requests_total\{[^}]*result="([a-z]+)"/g)].map(
      ([, result = '']) => [where, result] as const,
    ),
  );
  assert.ok(results.length > 0);
  for (const [where, result] of results) {
    assert.ok(exposition.includes(`podrole_requests_total{result="${result}"}`), `${where}: ${result}`);
  }
});

test('every label of the agents that is asked for is one that they count', async () => {
  const agents = await agentRegistry.metrics();
  for (const [where, expr] of queries) {
    const asked = /\b(podrole_exchanges_total|podrole_agent_[a-z_]+)\{([a-z]+="[a-z]+")\}/g;
    for (const [, name, label] of expr.matchAll(asked))
      assert.match(agents, new RegExp(`^${name}\\{${label}[,}]`, 'm'), `${where}: ${label}`);
  }
});

test('every query has its brackets in pairs', () => {
  for (const [where, expr] of queries) {
    const open: string[] = [];
    for (const character of expr.replace(/"[^"]*"/g, '')) {
      if ('([{'.includes(character)) open.push({ '(': ')', '[': ']', '{': '}' }[character] ?? '');
      if (')]}'.includes(character)) assert.equal(open.pop(), character, `${where}: ${expr}`);
    }
    assert.deepEqual(open, [], `${where}: ${expr}`);
  }
});

test('every alert says how bad it is and what it means, and has its line in docs/monitoring.md', () => {
  const page = readFileSync(`${root}docs/monitoring.md`, 'utf8');
  assert.equal(new Set(alerts.map(({ alert }) => alert)).size, alerts.length);
  for (const { alert, labels, annotations } of alerts) {
    assert.match(labels.severity, /^(critical|warning|info)$/);
    assert.ok(annotations['summary'] && annotations['description'], alert);
    const anchor = alert.toLowerCase();
    assert.ok(
      page.includes(`| [\`${alert}\`](runbooks.md#${anchor}) |`),
      `docs/monitoring.md is silent about ${alert}`,
    );
    assert.equal(annotations['runbook_url'], `docs/runbooks.md#${anchor}`);
  }
});

test('docs/runbooks.md has a section with meaning, impact, diagnosis and remedy for each alert, and no other', () => {
  const [, ...sections] = readFileSync(`${root}docs/runbooks.md`, 'utf8').split(/^## /m);
  const names = sections.map((section) => section.split('\n', 1)[0]);
  assert.deepEqual(names.toSorted(), alerts.map(({ alert }) => alert).toSorted());
  for (const section of sections) {
    const parts = [...section.matchAll(/^\*\*([A-Z][a-z]+)\.\*\*/gm)].map(([, part]) => part);
    assert.deepEqual(parts, ['Meaning', 'Impact', 'Diagnosis', 'Remedy'], section);
    assert.match(section, /```console\nkubectl /);
  }
});

/** Metrics of alerts that may be missing while all is well, and the reason. */
const MAY_BE_MISSING: Readonly<Record<string, string>> = {
  podrole_ca_bundle_patches_total: 'only a webhook that makes its own certificate has it',
  podrole_publication_check_age_seconds: 'only the leader has it: PodrolePublisherWithoutLeader',
  podrole_publication_drift: 'only the leader has it, after its first check: PodrolePublicationStale',
};

test('an alert fires too when a series that it or another alert uses is gone', () => {
  const used = alerts.flatMap(({ expr }) => [...expr.matchAll(/\bpodrole_[a-z_]+/g)].map(([name]) => name));
  const watched = alerts.flatMap(({ expr }) =>
    [...expr.matchAll(/\babsent\((podrole_[a-z_]+)\)/g)].map(([, name = '']) => name),
  );
  for (const name of new Set(used)) {
    assert.notEqual(watched.includes(name), name in MAY_BE_MISSING, name);
  }
  // Counters that start at nothing have no series until the first event.
  for (const name of [
    'podrole_requests_total',
    'podrole_live_lookups_total',
    'podrole_request_duration_seconds_bucket',
    'podrole_agent_verdicts_total',
    'podrole_agent_sessions_refused_total',
    'podrole_exchanges_total',
  ])
    assert.match(exposition, new RegExp(`^${name}\\b`, 'm'));
});

test('the panels of the dashboard have ids of their own and fit its width', () => {
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const { title, gridPos } of panels) assert.ok(gridPos.x + gridPos.w <= 24, title);
});

test('what is scraped are the pods that there are, at the port that they have', () => {
  const { spec: monitor } = onlyObject(
    readObjects('overlays/monitoring/servicemonitor.yaml'),
    'ServiceMonitor',
  );
  const { spec: service } = onlyObject(readObjects('overlays/monitoring/service.yaml'), 'Service');
  const [served] = service.ports;
  assert.equal(monitor.endpoints[0].port, served.name);
  for (const component of ['webhook', 'publisher']) {
    const { template } = onlyObject(readObjects(`base/${component}/deployment.yaml`), 'Deployment').spec;
    const [[key, value]] = Object.entries(service.selector) as [[string, string]];
    assert.equal(template.metadata.labels[key], value);
    const ports: { name: string; containerPort: number }[] = template.spec.containers[0].ports;
    assert.ok(
      ports.some(({ name, containerPort }) => name === served.targetPort && containerPort === served.port),
    );
  }
});

test('agents are scraped at the port of their setting, which no pod declares', () => {
  const { spec: monitor } = onlyObject(
    readObjects('overlays/monitoring/servicemonitor-agent.yaml'),
    'ServiceMonitor',
  );
  const { metadata, spec: service } = onlyObject(
    readObjects('components/agent-metrics/service.yaml'),
    'Service',
  );
  const { metadata: daemonSet, spec } = onlyObject(readObjects('base/agent/daemonset.yaml'), 'DaemonSet');
  const [served] = service.ports;
  assert.equal(monitor.endpoints[0].port, served.name);
  assert.deepEqual(monitor.namespaceSelector.matchNames, [metadata.namespace]);
  for (const [key, value] of Object.entries(monitor.selector.matchLabels))
    assert.equal(metadata.labels[key], value);
  assert.equal(served.targetPort, agentSettings.scrapePort.default);
  for (const [key, value] of Object.entries(service.selector))
    assert.equal(spec.template.metadata.labels[key], value);
  const [missing] = alerts.filter(({ alert }) => alert === 'PodroleAgentMissing');
  assert.ok(missing?.expr.includes(`daemonset="${daemonSet.name}"`));
});
