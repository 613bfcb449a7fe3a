import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { SKIP_POD_LABEL } from '../../../lib/contract/aws-webhook.ts';
import type { ManifestObject } from '../../../testing/manifest-files.ts';
import { startPodrole } from '../../../testing/processes/server-process.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace, createToken, expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { defineForeignKinds } from '../../setup/install/manifest-foreign-kinds.ts';
import { helmTemplate, MANIFESTS } from '../../setup/install/manifest-renderers.ts';
import { IMAGE, listPods, podManifest } from '../../setup/pods/pods.ts';
import { HAS_POLICY } from '../../setup/webhook/stolen-token.ts';

/** The shipped manifests in a real API server. No pod runs, so that the registered webhook is unreachable. */
const NAMESPACE = 'podrole';
const REGISTRATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podrole';
const overlay = (name: string) => path.join(MANIFESTS, 'overlays', name);
const DEFAULT = HAS_POLICY ? 'default' : 'kubernetes-1.29';
const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-manifests-'));
after(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs kubectl; fails if it fails or warns. */
async function kubectl(...args: readonly string[]): Promise<string> {
  return kubectlWith('', ...args);
}

async function kubectlWith(input: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(args, { input });
  assert.equal(stderr, '', args.join(' '));
  assert.equal(code, 0);
  return stdout;
}

const podsOf = async (component: string) =>
  (await listPods(cluster, NAMESPACE, `app.kubernetes.io/component=${component}`)).map(
    ({ metadata }) => metadata.name,
  );

before(() => defineForeignKinds(cluster));

test('the API server accepts install.yaml and the manifests of helm without a warning', async () => {
  await kubectl('apply', '-f', path.join(MANIFESTS, 'base/namespace/namespace.yaml'));
  if (HAS_POLICY) await kubectl('apply', '--dry-run=server', '-f', path.join(MANIFESTS, 'install.yaml'));
  const base = HAS_POLICY ? [] : ['admissionPolicy.enabled=false'];
  const more = [
    ...base,
    ...['monitoring.enabled=true', 'publisher.enabled=true', 'publisher.settings.PODROLE_TO=s3://x'],
  ];
  const own = [
    ...more,
    ...['fullnameOverride=other', 'nameOverride=app', 'commonLabels.cost=c', 'webhook.podLabels.team=a'],
    ...[
      'webhook.failurePolicy=Fail',
      'webhook.excludedNamespaces={kube-system}',
      'webhook.timeoutSeconds=20',
    ],
    ...['webhook.extraVolumes[0].name=more', 'webhook.extraVolumes[0].configMap.name=more'],
    ...['webhook.extraVolumeMounts[0].name=more', 'webhook.extraVolumeMounts[0].mountPath=/more'],
    ...['webhook.extraEnv[0].name=HTTPS_PROXY', 'webhook.extraEnv[0].value=http://proxy:3128'],
    ...['monitoring.labels.release=prometheus', 'monitoring.interval=2m'],
    'monitoring.runbookUrl=https://wiki.example.com/podrole',
  ];
  for (const values of [base, more, [...more, 'certManager.enabled=true'], own]) {
    await kubectlWith(await helmTemplate(...values), 'apply', '--dry-run=server', '-f', '-');
  }
});

for (const name of [DEFAULT, 'publisher', 'monitoring']) {
  test(`overlays/${name} is applied without a warning, and a second apply would change nothing`, async () => {
    await kubectl('apply', '-k', overlay(name));
    // The exit code is 1 if there is a difference. The output of a second apply does not show it: apply
    // patches also without need.
    await kubectl('diff', '-k', overlay(name));
  });
}

test('the pods pass the Pod Security Standard of their namespace', async () => {
  for (const component of ['webhook', 'publisher']) {
    await waitFor(async () => (await podsOf(component)).length === 2, `two pods of the ${component}`);
  }
});

test('the webhook has the rights that it needs, and no others', async () => {
  assert.deepEqual(await rights('podrole-webhook', NAMESPACE), [
    'configmaps [] [pod-identity-webhook] [get list watch]',
    'events [] [] [create]',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io [] [podrole] [get patch]',
    'secrets [] [podrole-webhook-tls] [get update]',
    'serviceaccounts [] [] [get list watch]',
  ]);
  assert.deepEqual(await rights('podrole-webhook', 'default'), [
    'events [] [] [create]',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io [] [podrole] [get patch]',
    'serviceaccounts [] [] [get list watch]',
  ]);
});

test('with these rights the webhook creates its certificate and makes the API server trust it', async () => {
  const { template } = await deployment('podrole-webhook');
  const args = (template.spec.containers[0].args as string[]).filter((arg) => !/port=/.test(arg));
  const token = await createToken(cluster, NAMESPACE, 'podrole-webhook', {
    audience: 'https://kubernetes.default.svc',
    expirationSeconds: 3_600,
  });
  const kubeconfig = path.join(folder, 'kubeconfig');
  await writeFile(kubeconfig, cluster.kubeconfigOf(token), { mode: 0o600 });
  const more = [
    '--watch-config-map',
    '--shutdown-delay=0',
    `--namespace=${NAMESPACE}`,
    '--port=0',
    '--metrics-port=0',
  ];
  const webhook = await startPodrole([...args, '--kubeconfig', kubeconfig, ...more], { from: 'bundle' });
  try {
    const at = `http://127.0.0.1:${webhook.listening['metricsPort']}/readyz`;
    await waitFor(async () => {
      const answer = await fetch(at);
      if (!answer.ok) throw new Error(await answer.text());
      return true;
    }, 'the webhook ready');
  } finally {
    await webhook.stop();
  }
  const { body } = await expectSuccess(cluster, 'GET', REGISTRATION);
  for (const { clientConfig } of (body as { webhooks: { clientConfig: { caBundle?: string } }[] }).webhooks) {
    assert.match(
      Buffer.from(clientConfig.caBundle ?? '', 'base64').toString(),
      /^-----BEGIN CERTIFICATE-----/,
    );
  }
  // The next apply must not revert changes of podrole.
  await kubectl('diff', '-k', overlay(DEFAULT));
});

test('the publisher has the rights that it needs, and no others', async () => {
  assert.deepEqual(await rights('podrole-publisher', NAMESPACE), [
    'leases.coordination.k8s.io [] [] [create]',
    'leases.coordination.k8s.io [] [podrole-publisher] [get update]',
  ]);
  assert.deepEqual(await rights('podrole-publisher', 'default'), []);
});

test('while the webhook is unreachable, pods of an ordinary namespace start', async () => {
  await createNamespace(cluster, 'ordinary');
  await waitFor(async () => (await create('ordinary', {})).status === 201, 'a pod');
});

test('a required namespace then refuses pods, also those that opt out, except for mirror pods', async () => {
  await createNamespace(cluster, 'required', { 'podrole.dev/required': 'true' });
  const refused = await waitFor(async () => {
    const answer = await create('required', {});
    return answer.status >= 400 && answer;
  }, 'a refusal');
  assert.match(JSON.stringify(refused.body), /failed calling webhook \\"required\.pods\.podrole\.dev\\"/);
  for (const value of ['true', '']) {
    const { status, body } = await create('required', { labels: { [SKIP_POD_LABEL]: value } });
    assert.ok(status >= 400, JSON.stringify(body));
    assert.match(JSON.stringify(body), /failed calling webhook/);
  }
  const annotations = { 'kubernetes.io/config.mirror': 'd41d8cd98f00b204e9800998ecf8427e' };
  const mirror = {
    metadata: { name: 'mirror', namespace: 'required', annotations },
    spec: { nodeName: 'node-1', containers: [{ name: 'app', image: IMAGE }] },
  };
  const { status, body } = await cluster.request('POST', '/api/v1/namespaces/required/pods', mirror);
  assert.equal(status, 201, JSON.stringify(body));
  // No kubelet runs a mirror pod from the API server.
  const at = '/api/v1/namespaces/required/pods/mirror';
  const unmarked = await cluster.request('PATCH', at, { metadata: { annotations: null } });
  assert.equal(unmarked.status, 422, JSON.stringify(unmarked.body));
});

test('a required namespace also refuses containers of kubectl debug, whichever labels their pod has', async () => {
  const labels = { [SKIP_POD_LABEL]: 'true' };
  const debug = (pod: string) =>
    cluster.kubectl([
      'debug',
      '--namespace=required',
      pod,
      `--image=${IMAGE}`,
      '--attach=false',
      '--profile=general',
    ]);
  await kubectl('label', 'namespace', 'required', 'podrole.dev/required-');
  await waitFor(
    async () => (await create('required', { name: 'plain', labels })).status === 201,
    'a pod while nothing is required',
  );
  await kubectl('label', 'namespace', 'required', 'podrole.dev/required=true');
  await waitFor(async () => (await create('required', {})).status >= 400, 'a refusal');
  assert.match((await debug('plain')).stderr, /failed calling webhook "required\.pods\.podrole\.dev"/);
});

test("the webhook's own pods can start in a required namespace too", async () => {
  await kubectl('label', 'namespace', NAMESPACE, 'podrole.dev/required=true');
  // Wait until the webhook configuration sees the label.
  await waitFor(
    async () => /failed calling webhook/.test(JSON.stringify((await create(NAMESPACE, {})).body)),
    'a refusal',
  );
  const before = await podsOf('webhook');
  await kubectl('delete', 'pod', '--namespace', NAMESPACE, ...before);
  await waitFor(async () => {
    const now = await podsOf('webhook');
    return now.length === before.length && now.every((name) => !before.includes(name));
  }, 'two other pods');
  await kubectl('label', 'namespace', NAMESPACE, 'podrole.dev/required-');
});

test('with cert-manager the webhook may write nothing but Events', async () => {
  await kubectl('delete', '-k', overlay(DEFAULT), '--wait=false');
  await waitFor(
    async () => (await cluster.request('GET', `/api/v1/namespaces/${NAMESPACE}`)).status === 404,
    'the namespace gone',
  );
  await kubectl('apply', '-k', overlay('cert-manager'));
  assert.deepEqual(await rights('podrole-webhook', NAMESPACE), [
    'configmaps [] [pod-identity-webhook] [get list watch]',
    'events [] [] [create]',
    'serviceaccounts [] [] [get list watch]',
  ]);
  await waitFor(async () => (await podsOf('webhook')).length === 2, 'two pods of the webhook');
});

async function deployment(name: string): Promise<ManifestObject> {
  const at = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${name}`;
  return ((await expectSuccess(cluster, 'GET', at)).body as ManifestObject).spec;
}

function create(namespace: string, details: { name?: string; labels?: Record<string, string> }) {
  const pod = podManifest(namespace, 'default', { generateName: 'plain-', ...details });
  return cluster.request('POST', `/api/v1/namespaces/${namespace}/pods`, pod);
}

/** Returns the rights of a ServiceAccount that others do not have: resource, URLs, names, verbs. */
async function rights(account: string, namespace: string): Promise<readonly string[]> {
  const own = await allRights(account, namespace);
  const anybody = new Set(await allRights('nobody-in-particular', namespace));
  return own.filter((right) => !anybody.has(right)).toSorted();
}

async function allRights(account: string, namespace: string): Promise<readonly string[]> {
  const user = `--as=system:serviceaccount:${NAMESPACE}:${account}`;
  const groups = ['serviceaccounts', `serviceaccounts:${NAMESPACE}`, 'authenticated'].map(
    (group) => `--as-group=system:${group}`,
  );
  const list = await kubectl(
    'auth',
    'can-i',
    '--list',
    '--no-headers',
    `--namespace=${namespace}`,
    user,
    ...groups,
  );
  return list
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').trim());
}
