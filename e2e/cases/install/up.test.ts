import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { waitFor } from '../../../testing/wait-for.ts';
import { createToken } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectKubectl } from '../../setup/install/install-podrole.ts';
import { commandsOf } from '../../setup/install/page-commands.ts';
import { KEYS_BUCKET, KEYS_ISSUER, startSelfHostedSite } from '../../setup/install/self-hosted-site.ts';

/**
 * The commands of docs/up.md, from an empty cluster to a bound ServiceAccount, on the real API server. It has
 * no nodes: the test says in the place of kubelet that the pods of the webhook are ready.
 */
const KUBEADM_ISSUER = 'https://kubernetes.default.svc.cluster.local';
const AUDIENCE = 'sts.amazonaws.com';
const HAS_POLICY = process.env['PODROLE_E2E_KUBERNETES'] !== '1.29';
const TO = ['up', '--to', `s3://${KEYS_BUCKET}`, '--create-bucket'];
const AGAIN = ['up', '--exit-code'];

const [planIt = '', carryItOut = '', bindIt = ''] = await commandsOf('up.md');
const cluster = await startControlPlane({ issuer: KUBEADM_ISSUER });
after(() => cluster.stop());
const site = await startSelfHostedSite(cluster);
after(() => site.stop());
const { podrole } = site;
const kubectl = (...args: string[]) => expectKubectl(cluster, args);

/** Runs podrole, which must succeed. @returns its output */
async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await podrole(args);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  return stdout;
}

/** Runs commands of the page. @returns their output */
async function follow(command: string): Promise<string> {
  const { code, stdout, stderr } = await site.shell([command], { PODROLE_WAIT: 'false' });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  return stdout;
}

/** Runs podrole, which must refuse. @returns its errors */
async function refused(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await podrole(args);
  assert.ok(code > 0, stdout);
  return stderr;
}

test('an issuer inside the cluster: the plan stops with the flags of this kind of cluster', async () => {
  await kubectl('create', 'configmap', 'kubeadm-config', '--namespace', 'kube-system');
  const { code, stdout, stderr } = await podrole(TO);
  assert.ok(code > 0);
  assert.match(
    stdout,
    /\/etc\/kubernetes\/manifests\/kube-apiserver\.yaml.*\n( {2}- --service-account-issuer=.*\n){2}/,
  );
  assert.match(stderr, /is a name inside the cluster.*\[UNUSABLE_ISSUER\]/);
  assert.match(
    stderr,
    new RegExp(`--service-account-issuer=https://\\S+ --service-account-issuer=${KUBEADM_ISSUER},`),
  );
  const named = await podrole([...TO, '--aws-region', 'us-east-1'], { AWS_ENDPOINT_URL_S3: '' });
  assert.match(named.stderr, new RegExp(`--service-account-issuer=${KEYS_ISSUER} `));
});

test('keys that nobody publishes need --to', async () => {
  const issuer = `--service-account-issuer=${KEYS_ISSUER}`;
  await cluster.stopApiServer();
  const args = cluster.apiServerArguments.flatMap((arg) =>
    arg.startsWith('--service-account-issuer=') ? [issuer, arg] : [arg],
  );
  await cluster.startApiServer(args);
  assert.match(await refused('up'), /STS cannot fetch its keys: .*; give --to, .*\[ISSUER_NOT_SERVED\]/);
});

test('the plan writes nothing', async () => {
  const plan = await follow(planIt);
  assert.match(plan, /^keys:\n {2}\+ document s3:\/\/podrole-keys \/openid\/v1\/jwks: create$/m);
  assert.match(
    plan,
    /^OIDC provider:\n {2}\+ OIDC provider arn:aws:iam::\d+:oidc-provider\/podrole-keys\S+: create/m,
  );
  assert.match(plan, /^ {2}\+ Namespace podrole: create$/m);
  assert.match(plan, /^\d+ changes; give --approve to make them$/m);
  assert.equal((await podrole([...TO, '--exit-code'])).code > 0, true);
  const { code } = await cluster.kubectl(['get', 'namespace', 'podrole']);
  assert.notEqual(code, 0);
  assert.match(await refused('up'), /\[ISSUER_NOT_SERVED\]/);
});

test('a run goes on where another one ended', async () => {
  await done(...TO, '--webhook=false', '--approve');
  const plan = await follow(planIt);
  assert.match(plan, /^keys: published, and served\nOIDC provider: unchanged\nwebhook:\n/m);
});

test('--approve makes it; the webhook is waited for, for so long', async () => {
  assert.match(await follow(carryItOut), /\nnext: podrole bind /);
  const { code, stdout, stderr } = await podrole(['up', '--approve', '--timeout', '1s']);
  assert.notEqual(code, 0);
  assert.match(stdout, /^keys: published elsewhere, and served$/m);
  assert.match(stderr, /podrole-webhook: has 0 of 2 replicas ready after 1 s.*\[ROLLOUT_TIMEOUT\]/);
  await markPodsReady(2);
  await kubectl('rollout', 'status', 'deployment/podrole-webhook', '-n', 'podrole', '--timeout=120s');
  const unready = await podrole(['up', '--approve', '--timeout', '1s']);
  assert.match(unready.stderr, /MutatingWebhookConfiguration podrole: has no caBundle .*\[ROLLOUT_TIMEOUT\]/);
  await writeBundles();
  assert.match(await done('up', '--approve'), /\nno changes\nnext: podrole bind /);
});

/** Waits until the controllers have made so many pods of the webhook, and says that they are ready. */
async function markPodsReady(count: number): Promise<void> {
  const pods = await waitFor(
    async () => {
      const names = (await kubectl('get', 'pods', '-n', 'podrole', '-o', 'name')).split('\n').filter(Boolean);
      return names.length === count && names;
    },
    `${count} pods of the webhook`,
    120_000,
  );
  const status = { conditions: [{ type: 'Ready', status: 'True' }] };
  for (const pod of pods) {
    await kubectl(
      ...['patch', pod, '-n', 'podrole', '--subresource=status', '--type=merge'],
      ...['-p', JSON.stringify({ status })],
    );
  }
}

/** Writes the CA of the webhook, in the place of the webhook. */
async function writeBundles(): Promise<void> {
  const configuration = ['mutatingwebhookconfiguration', 'podrole'];
  const { webhooks } = JSON.parse(await kubectl('get', ...configuration, '-o', 'json'));
  const caBundle = Buffer.from(cluster.authority.cert).toString('base64');
  const patch = webhooks.map((_: unknown, at: number) => ({
    ...{ op: 'add', path: `/webhooks/${at}/clientConfig/caBundle`, value: caBundle },
  }));
  await kubectl('patch', ...configuration, '--type=json', '-p', JSON.stringify(patch));
}

test('a second run finds nothing to do, and a flag that is not given takes nothing away', async () => {
  const { code, stdout, stderr } = await podrole(AGAIN);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\nno changes\nnext: podrole bind /);
  const settings = await kubectl('get', 'configmap', '-n', 'podrole', '-o', 'jsonpath={.items[*].data}');
  assert.match(settings, /"PODROLE_AWS_REGION":"eu-west-1"/);
  const policies = await cluster.kubectl(['get', 'validatingadmissionpolicy', 'podrole-webhook-certificate']);
  assert.equal(policies.code === 0, HAS_POLICY);
});

test('the ServiceAccount that is bound then has a token that STS can verify', async () => {
  assert.match(await follow(bindIt), /^shop\s+web\s.*\bbound\b/m);
  const token = await createToken(cluster, 'shop', 'web', { audience: AUDIENCE, expirationSeconds: 600 });
  const keys = createRemoteJWKSet(new URL(`${KEYS_ISSUER}/openid/v1/jwks`), {
    [customFetch]: (url, init) => fetch(url.replace(KEYS_ISSUER, site.published), init),
  });
  const { payload } = await jwtVerify(token, keys, { issuer: KEYS_ISSUER, audience: AUDIENCE });
  assert.equal(payload.sub, 'system:serviceaccount:shop:web');
});

test('what was changed by hand or deleted is shown and repaired', async () => {
  await kubectl('patch', 'clusterrole', 'podrole-webhook', '--type=merge', '-p', '{"rules":[]}');
  await kubectl('delete', 'poddisruptionbudget', 'podrole-webhook', '-n', 'podrole');
  const { code, stdout } = await podrole(AGAIN);
  assert.ok(code > 0);
  assert.match(
    stdout,
    /~ ClusterRole podrole-webhook: change\n( +---.*\n +\+\+\+.*\n) +@@.*\n(.*\n)* +\+ +- serviceaccounts\n/,
  );
  assert.match(stdout, /\+ PodDisruptionBudget podrole\/podrole-webhook: create\n/);
  assert.match(
    stdout,
    /note: ClusterRole podrole-webhook: \.rules was changed by kubectl-patch, and is set back\n/,
  );
  await done('up', '--approve', '--wait=false');
  assert.match(await done(...AGAIN), /\nno changes\n/);
});

test('a field that a GitOps tool has set is a conflict, and can be taken over', async () => {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'podrole-webhook', namespace: 'podrole' },
    spec: { hard: { pods: '7' } },
  };
  const apply = [
    'apply',
    '--server-side',
    '--force-conflicts',
    '--field-manager=argocd-controller',
    '-f',
    '-',
  ];
  await expectKubectl(cluster, apply, { input: JSON.stringify(quota) });
  const said = await refused('up', '--approve');
  assert.match(
    said,
    /ResourceQuota podrole\/podrole-webhook: .*\.spec\.hard\.pods \(argocd-controller\).*\[FIELD_CONFLICT\]/,
  );
  await done('up', '--approve', '--wait=false', '--force-conflicts');
  assert.match(await done(...AGAIN), /\nno changes\n/);
});

test('scaled replicas stay', async () => {
  await kubectl('scale', 'deployment', 'podrole-webhook', '-n', 'podrole', '--replicas=3');
  assert.match(await done(...AGAIN), /\nno changes\n/);
});

test('a new setting restarts the webhook with a ConfigMap of its own; JSON and YAML say the same', async () => {
  const json = JSON.parse(await done('up', '--aws-region', 'eu-north-1', '-o', 'json'));
  const objects = json.changes.map(
    ({ object, action }: { object: string; action: string }) => `${action} ${object}`,
  );
  assert.deepEqual(
    objects.map((line: string) => line.replace(/-\w{10}$/, '')),
    ['create ConfigMap podrole/podrole-webhook-settings', 'change Deployment podrole/podrole-webhook'],
  );
  assert.equal(json.applied, false);
  assert.match(await done('up', '--aws-region', 'eu-north-1', '-o', 'yaml'), /^cluster:\n/);
});

test('the webhook of AWS, and that of Helm, are refused', async () => {
  const file = path.join(path.dirname(cluster.kubeconfig), 'aws-webhook.json');
  const webhook = {
    name: 'iam-for-pods.amazonaws.com',
    clientConfig: { service: { name: 'none', namespace: 'none' } },
    sideEffects: 'None',
    failurePolicy: 'Ignore',
    admissionReviewVersions: ['v1'],
  };
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'pod-identity-webhook' },
    webhooks: [webhook],
  };
  await writeFile(file, JSON.stringify(configuration));
  await kubectl('create', '-f', file);
  assert.match(
    await refused('up'),
    /is the AWS webhook.*--annotation-prefix podrole\.dev.*\[OTHER_INSTALLATION\]/,
  );
  assert.match(await done('up', '--annotation-prefix', 'podrole.dev'), /note: .* is the AWS webhook/);
  await kubectl('delete', '-f', file);
  await kubectl(
    ...['annotate', 'deployment', 'podrole-webhook', '-n', 'podrole', 'meta.helm.sh/release-name=mine'],
  );
  assert.match(await refused('up'), /belongs to the Helm release mine .*\[OTHER_INSTALLATION\]/);
  await kubectl('annotate', 'deployment', 'podrole-webhook', '-n', 'podrole', 'meta.helm.sh/release-name-');
});

test('a user without the rights reads which object needs which right', async () => {
  await kubectl('create', 'serviceaccount', 'reader', '-n', 'shop');
  const token = await createToken(cluster, 'shop', 'reader', {
    audience: 'https://kubernetes.default.svc',
    expirationSeconds: 600,
  });
  const file = path.join(path.dirname(cluster.kubeconfig), 'reader.kubeconfig');
  await writeFile(file, cluster.kubeconfigOf(token));
  const { code, stderr } = await podrole(['up', '--kubeconfig', file]);
  assert.ok(code > 0);
  assert.match(
    stderr,
    /Deployment podrole\/podrole-webhook: answered 403 .*grant its user get on deployments\.apps in the namespace podrole \[API_REFUSED\]$/m,
  );
});
