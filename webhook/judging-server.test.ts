import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createApiClient } from '../kubernetes/api-client.ts';
import { NAMESPACES_PATH } from '../kubernetes/core-paths.ts';
import { loadKubeConfig } from '../kubernetes/kube-config.ts';
import { systemClock } from '../lib/clock.ts';
import { faultCodeOf } from '../lib/errors.ts';
import { NEVER_ABORTED } from '../lib/never-aborted.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { admit, type Pod } from '../testing/admission/admission.ts';
import { createAuthority } from '../testing/certificates/certificates.ts';
import { startFakeCluster } from '../testing/kubernetes/fake-cluster.ts';
import { type CollectedLog, collectLog } from '../testing/processes/collected-log.ts';
import { until } from '../testing/until.ts';
import { type RunningWebhook, startWebhook } from './server.ts';
import { webhookSettings } from './settings.ts';

const BASE = 'arn:aws:iam::111122223333:role/';
const folder = mkdtempSync(join(tmpdir(), 'podrole-judging-'));
after(() => rmSync(folder, { recursive: true }));
const write = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const authority = await createAuthority('judging');
const pair = await authority.issue(['localhost', '127.0.0.1']);
const tls = { tlsCert: write('tls.crt', pair.cert), tlsKey: write('tls.key', pair.key) };
const annotations = { 'eks.amazonaws.com/role-arn': `${BASE}web` };
const account = { kind: 'ServiceAccount', metadata: { namespace: 'shop', name: 'web', annotations } };
const namespace = (name: string) => ({
  kind: 'Namespace',
  metadata: { name, annotations: { 'iam.amazonaws.com/permitted': 'named' } },
});
const rolePolicyFile = write(
  'policy.yaml',
  `apiVersion: podrole.dev/v1
kind: RolePolicy
rules:
- namespaces: [shop]
  roles: ["${BASE}web", "${BASE}named"]
`,
);

async function start(given: Record<string, string>): Promise<{ webhook: RunningWebhook; log: CollectedLog }> {
  const log = collectLog();
  const fixed = { port: '0', metricsPort: '0', ...tls, podRoleAnnotation: 'iam.amazonaws.com/role' };
  const settings = readSettings(webhookSettings, { ...fixed, baseRoleArn: BASE, ...given }, {});
  const surroundings = { logger: log.logger, env: {}, clock: systemClock, random: () => 0 };
  return { webhook: await startWebhook(settings, surroundings), log };
}

const pod = (name: string, role?: string): Pod => ({
  metadata: {
    namespace: 'shop',
    name,
    ...(role === undefined ? {} : { annotations: { 'iam.amazonaws.com/role': role } }),
  },
  spec: { serviceAccountName: 'web', containers: [{ name: 'app' }] },
});
const roleOf = async ({ port }: RunningWebhook, given: Pod) =>
  (await admit(given, port, authority.cert)).spec.containers[0]?.env?.find(
    ({ name }) => name === 'AWS_ROLE_ARN',
  )?.value;
const metricsOf = async ({ metricsPort }: RunningWebhook) =>
  (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();

test('without a cluster, the file of the ServiceAccounts has the Namespaces too', async () => {
  const [web, shop] = [account, namespace('shop')].map((object) => JSON.stringify(object));
  const complete = write('complete.yaml', `${web}\n---\n${shop}\n`);
  const { webhook, log } = await start({ serviceAccounts: complete, rolePolicyFile });
  try {
    assert.equal(await roleOf(webhook, pod('own')), `${BASE}web`);
    assert.equal(await roleOf(webhook, pod('named', 'named')), `${BASE}named`);
    assert.equal(await roleOf(webhook, pod('refused', 'web')), undefined);
    assert.match(
      await metricsOf(webhook),
      /^podrole_policy_refusals_total\{rule="permitted",mode="warn"\} 1$/m,
    );
    assert.match(await metricsOf(webhook), /^podrole_policy_file_loads_total\{result="loaded"\} 1$/m);
    assert.match(log.text(), /"pod":"refused".*"policy":"warn".*role refused by a rule/);
  } finally {
    await webhook.stop();
  }
  const partial = write('partial.yaml', `${web}\n`);
  const other = await start({ serviceAccounts: partial, rolePolicyFile });
  try {
    await assert.rejects(roleOf(other.webhook, pod('own')), 'its Namespace is not in the file');
    assert.match(other.log.text(), /LOOKUP_FAILED|Namespace shop/);
  } finally {
    await other.webhook.stop();
  }
});

test('with a cluster, ready once the Namespaces are listed, and judged as the watch brings them', async () => {
  const peer = await startFakeCluster();
  const client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {}));
  peer.put(account);
  const limits = { timeoutMs: 2_000, signal: NEVER_ABORTED };
  await client.send({ method: 'POST', path: NAMESPACES_PATH, body: namespace('shop') }, limits);
  peer.trouble = ({ pathname }) =>
    pathname.startsWith(NAMESPACES_PATH) ? { status: 403, message: 'not allowed' } : undefined;
  const { webhook } = await start({ kubeApi: peer.url, rolePolicyFile, events: 'false' });
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${webhook.metricsPort}/readyz`);
    return ((await response.json()) as { readonly reasons?: readonly string[] }).reasons ?? [];
  };
  try {
    await until(async () => `${await ready()}` === 'Namespaces not listed yet', 'waiting for Namespaces');
    await assert.rejects(roleOf(webhook, pod('own')), 'an error is not a verdict');
    peer.trouble = () => undefined;
    await until(async () => (await ready()).length === 0, 'ready');
    assert.equal(await roleOf(webhook, pod('named', 'named')), `${BASE}named`);
    assert.match(await metricsOf(webhook), /^podrole_watch_age_seconds\{resource="namespaces"\} /m);
  } finally {
    await webhook.stop();
    client.close();
    await peer.stop();
  }
});

test('Namespaces are not asked for unless roles are judged', async () => {
  const peer = await startFakeCluster();
  peer.put(account);
  const { webhook } = await start({ kubeApi: peer.url, podRoleAnnotation: '', events: 'false' });
  try {
    assert.equal(await roleOf(webhook, pod('own')), `${BASE}web`);
    assert.ok(peer.requests.every(({ pathname }) => !/^\/api\/v1\/namespaces(\/[^/]+)?$/.test(pathname)));
    assert.doesNotMatch(await metricsOf(webhook), /resource="namespaces"/);
  } finally {
    await webhook.stop();
    await peer.stop();
  }
});

test('an invalid policy file stops the start, with every fault', async () => {
  const broken = write('broken.yaml', 'apiVersion: podrole.dev/v2\nkind: RolePolicy\nrule: []\n');
  await assert.rejects(
    start({ serviceAccounts: write('none.yaml', ''), rolePolicyFile: broken }),
    (thrown) => faultCodeOf(thrown) === 'INVALID_ROLE_POLICY' && String(thrown).split('\n').length >= 2,
  );
});
