import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { asObject, asText } from '../../../lib/json/json.ts';
import { readManifest } from '../../../testing/manifest-files.ts';
import { type ServerProcess, startPodrole } from '../../../testing/processes/server-process.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace, expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectKubectl, NAMESPACE } from '../../setup/install/install-podrole.ts';
import { MANIFESTS } from '../../setup/install/manifest-renderers.ts';
import { startPrometheus } from '../../setup/monitoring/prometheus.ts';

/**
 * The alerts and the queries of the dashboard in a real Prometheus, which scrapes a real webhook, a real
 * publisher and a real agent. Grafana itself is neither in Debian nor in a package registry that these tests
 * install from, so what it would ask Prometheus is asked here.
 */
const AGENT_PORT = 9923;
/** Port of an agent that starts later. */
const OTHER_AGENT_PORT = 9924;
const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-monitoring-'));
after(() => rm(folder, { recursive: true, force: true }));
await expectKubectl(cluster, ['apply', '-k', path.join(MANIFESTS, 'overlays/default')]);
const servers: ServerProcess[] = [];
after(() => Promise.all(servers.map((server) => server.stop())));
const start = async (...args: readonly string[]) => {
  const server = await startPodrole([...args, '--kubeconfig', cluster.kubeconfig, '--metrics-port=0'], {
    from: 'bundle',
  });
  servers.push(server);
  return server;
};
const webhook = await start(
  ...['webhook', '--in-cluster', '--port=8443', `--namespace=${NAMESPACE}`, '--service-name=podrole-webhook'],
  ...['--tls-secret=podrole-webhook-tls', '--webhook-configuration=podrole'],
);
const publisher = await start(
  ...['publish', '--watch', `--to=${folder}/site`, `--lease-namespace=${NAMESPACE}`, '--verify=false'],
);
/** Nothing loads the rules of a node here, and no kubelet runs. */
const kubeletPods = path.join(folder, 'pods');
await mkdir(kubeletPods);
const startAgent = (scrapePort: number, checkRules: boolean) =>
  start(
    ...['agent', '--node-name=node-1', '--region=eu-central-1', '--port=0', '--shutdown-delay=0'],
    ...['--scrape-host=127.0.0.1', `--scrape-port=${scrapePort}`, `--check-rules=${checkRules}`],
    `--kubelet-pods-folder=${kubeletPods}`,
  );
const agent = await startAgent(AGENT_PORT, false);
const target = (server: ServerProcess, pod: string) => ({
  port: Number(server.listening['metricsPort']),
  labels: { namespace: NAMESPACE, pod, container: 'podrole' },
});
const agentTarget = (port: number, pod: string) => ({ port, labels: { namespace: 'podrole-agent', pod } });
const prometheus = await startPrometheus([
  target(webhook, 'webhook-1'),
  target(publisher, 'publisher-1'),
  agentTarget(AGENT_PORT, 'agent-1'),
  agentTarget(OTHER_AGENT_PORT, 'agent-2'),
]);
after(() => prometheus.stop());

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}
const dashboard: { panels: readonly Panel[]; templating: { list: readonly Record<string, unknown>[] } } =
  JSON.parse(readManifest('overlays/monitoring/podrole.json'));

test('every query of the dashboard has data', async () => {
  const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assert.ok(queries.length > 15);
  for (const expr of queries) {
    const asked = expr
      .replaceAll('$namespace', '.*')
      .replaceAll('$__rate_interval', '1m')
      .replaceAll('$__range', '1h');
    assert.doesNotMatch(asked, /\$/);
    await waitFor(async () => (await prometheus.query(asked)).length > 0, asked, 30_000);
  }
});

test('the variable of the dashboard lists the namespace', async () => {
  const [query = ''] = dashboard.templating.list
    .map((variable) => asText(asObject(variable['query'])?.['query']))
    .filter((text) => text !== undefined);
  const [, series, label] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? assert.fail(query);
  const found = await prometheus.query(`count by (${label}) (${series})`);
  assert.match(JSON.stringify(found), new RegExp(`"${label}":"${NAMESPACE}"`));
});

test('while all is well, no alert is pending or firing', async () => {
  await waitFor(async () => (await prometheus.alerts()).length === 0, 'no alert', 30_000);
});

test('an agent on a node without rules makes PodroleAgentRulesMissing pending, and nothing else', async () => {
  const other = await startAgent(OTHER_AGENT_PORT, true);
  const pending = ['PodroleAgentRulesMissing pending'];
  await waitFor(
    async () => (await prometheus.alerts()).join() === pending.join(),
    'PodroleAgentRulesMissing',
    60_000,
  );
  await other.stop();
});

test('agents that have ended make PodroleAgentDown pending', async () => {
  await agent.stop();
  await waitFor(
    async () => (await prometheus.alerts()).includes('PodroleAgentDown pending'),
    'PodroleAgentDown',
    60_000,
  );
});

test('a pod of a wrongly annotated ServiceAccount lets PodroleAnnotationsWrong fire', async () => {
  await createNamespace(cluster, 'shop');
  await expectSuccess(cluster, 'POST', '/api/v1/namespaces/shop/serviceaccounts', {
    metadata: { name: 'web', annotations: { 'eks.amazonaws.com/role-arn': 'not an ARN' } },
  });
  const review = path.join(folder, 'pod.json');
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { serviceAccountName: 'web', containers: [{ name: 'app', image: 'app' }] },
  };
  await writeFile(review, JSON.stringify(pod));
  await expectKubectl(cluster, [
    'patch',
    'mutatingwebhookconfiguration',
    'podrole',
    '--type=json',
    `-p=${reachable()}`,
  ]);
  await waitFor(
    async () => {
      await expectKubectl(cluster, ['create', '--dry-run=server', '-f', review]);
      return (await prometheus.alerts()).includes('PodroleAnnotationsWrong firing');
    },
    'PodroleAnnotationsWrong',
    60_000,
  );
});

test('a webhook that has ended makes PodroleWebhookDown pending', async () => {
  await webhook.stop();
  await waitFor(
    async () => (await prometheus.alerts()).includes('PodroleWebhookDown pending'),
    'PodroleWebhookDown',
    60_000,
  );
});

/** A patch by which the API server calls the webhook at its port: no node leads the Service there. */
function reachable(): string {
  const url = 'https://podrole-webhook.podrole.svc:8443/mutate';
  return JSON.stringify(
    [0, 1].flatMap((index) => [
      { op: 'remove', path: `/webhooks/${index}/clientConfig/service` },
      { op: 'add', path: `/webhooks/${index}/clientConfig/url`, value: url },
    ]),
  );
}
