import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { JWKS_PATH } from '../lib/contract/kubernetes.ts';
import { asObject } from '../lib/json/json.ts';
import { printable } from '../lib/text/printable.ts';
import { iamRefusal } from '../testing/aws/iam-server.ts';
import { SITE_ISSUER, useBindSite } from '../testing/bind/bind-site.ts';
import { DISCOVERY_PATH } from '../testing/kubernetes/fake-cluster.ts';

/** The API server of this file stores what is applied, without conflicts: e2e/ has those. */
const site = useBindSite();
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const DEPLOYMENT = '/apis/apps/v1/namespaces/podrole/deployments/podrole-webhook';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-up-'));
  const { objects } = site.cluster;
  objects.set('/version', { gitVersion: 'v1.37.1' });
  objects.set(ADMISSION, { resources: [{ name: 'validatingadmissionpolicies' }] });
  objects.set(JWKS_PATH, { keys: [KEY] });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const up = (...args: string[]) =>
  site.podrole(
    ...['up', '--allow-private-issuer', '--verify=false', '--wait=false', '--thumbprint', 'a'.repeat(40)],
    ...args,
  );

test('a plan writes nothing, --approve writes all, and then there is nothing to do', async () => {
  const plan = await up('--to', folder);
  assert.equal(plan.exitCode, 0, plan.stderr);
  assert.match(plan.stdout, /^keys:\n {2}\+ document folder /);
  assert.match(
    plan.stdout,
    /^note: 22 whole documents are left out; give --details to print them\n(?:note: .*\n)*Plan: 2 documents to create, 1 OIDC provider to create, 20 webhook objects to create\n23 changes; give --approve to make them$/m,
  );
  const whole = (await up('--to', folder, '--details')).stdout;
  assert.match(
    whole,
    /^ {2}\+ Namespace podrole: create\n {6}--- .*\n {6}\+\+\+ .*\n {6}@@ .*\n {6}\+apiVersion: v1$/m,
  );
  assert.deepEqual([site.cluster.writes, site.iam.writes(), await readdir(folder)], [[], [], []]);

  const done = await up('--to', folder, '--approve');
  assert.equal(done.exitCode, 0, done.stderr);
  assert.match(
    done.stderr,
    /^done: MutatingWebhookConfiguration podrole: create\nDone: 2 documents created, 1 OIDC provider created, 20 webhook objects created\n$/m,
  );
  assert.equal(site.iam.providers.size, 1);
  assert.equal(site.cluster.writes.at(-1), `PATCH ${ADMISSION}/mutatingwebhookconfigurations/podrole`);

  const again = await up('--to', folder, '--exit-code');
  assert.deepEqual([again.exitCode, again.stderr], [0, '']);
  assert.match(
    again.stdout,
    /^keys: published; not fetched\nOIDC provider: unchanged\nwebhook: unchanged\n(?:note: .*\n)*Plan: 20 objects unchanged\nno changes\n/,
  );
});

test('a run that failed in IAM goes on there', async () => {
  site.iam.refuse = ({ action }) =>
    action === 'CreateOpenIDConnectProvider' ? iamRefusal(403, 'AccessDenied', 'no') : undefined;
  const failed = await up('--to', folder, '--approve');
  assert.notEqual(failed.exitCode, 0);
  assert.match(failed.stderr, /CreateOpenIDConnectProvider/);
  assert.deepEqual(site.cluster.writes, []);
  site.iam.refuse = () => undefined;
  const { stdout } = await up('--to', folder);
  assert.match(stdout, /^keys: published; not fetched\nOIDC provider:\n/);
});

test('--exit-code tells changes from none; the plan for a program is complete', async () => {
  assert.notEqual((await up('--exit-code')).exitCode, 0);
  const { stdout, stderr } = await up('-o', 'json');
  const { cluster, issuer, changes, applied } = JSON.parse(stdout);
  assert.deepEqual(
    [cluster.version, issuer, changes.length, applied, stderr],
    ['v1.37.1', SITE_ISSUER, 21, false, ''],
  );
});

test('--webhook=false leaves the cluster as it is', async () => {
  assert.match((await up('--webhook=false', '--approve')).stdout, /\nwebhook: left as it is\n/);
  assert.deepEqual(site.cluster.writes, []);
  const { stderr } = await up('--webhook=false', '--image', 'podrole:1');
  assert.match(stderr, /--image: is a setting of the webhook, which --webhook=false leaves/);
});

test('without --thumbprint, an issuer that is not served yet does not stop a plan that publishes it', async () => {
  const args = ['up', '--allow-private-issuer', '--verify=false', '--webhook=false'];
  // Nothing listens there.
  site.cluster.objects.set(DISCOVERY_PATH, { issuer: 'https://127.0.0.1' });
  const { stdout } = await site.podrole(...args, '--to', folder);
  assert.match(
    stdout,
    /thumbprint left to AWS\nwebhook: left as it is\nnote: the thumbprint .* is read once/,
  );
  const refused = await site.podrole(...args);
  assert.match(refused.stderr, /\[ISSUER_UNREACHABLE\]/);
});

test('what the plan stops at', async () => {
  const { objects } = site.cluster;
  const said = async (...args: string[]) => (await up(...args)).stderr;
  assert.match(await said('--to', 'gs://keys', '--create-bucket'), /--to gs:.*\n.*--create-bucket: is for/);
  objects.set('/version', { gitVersion: 'v1.28.4' });
  assert.match(await said(), /Kubernetes v1\.28\.4: is older than 1\.29.*\[UNSUPPORTED_KUBERNETES\]/);
  objects.set('/version', { gitVersion: 'v1.37.0+k3s1' });
  objects.set(DISCOVERY_PATH, { issuer: 'https://kubernetes.default.svc.cluster.local' });
  const { stdout, stderr } = await up('--to', 's3://keys/one', '--aws-region', 'eu-west-1');
  const [issuer, old] = ['https://keys.s3.eu-west-1.amazonaws.com/one', /kubernetes\.default/.source];
  assert.match(
    stdout,
    new RegExp(`^On every server, in /etc/rancher/k3s/config.yaml,.*\n  kube-api.*\n.*=${issuer}\n.*${old}`),
  );
  assert.match(
    stderr,
    new RegExp(`--service-account-issuer=${issuer} --service-account-issuer=.*${old}.* --to s3://keys `),
  );
});

test('settings of an installed webhook that are gone are not replaced by the defaults', async () => {
  const container = (name: string) => ({ name: 'podrole', envFrom: [{ configMapRef: { name } }] });
  const template = { spec: { containers: [container('podrole-webhook-settings-gone')] } };
  site.cluster.objects.set(DEPLOYMENT, { metadata: { name: 'podrole-webhook' }, spec: { template } });
  const { stderr } = await up('--approve');
  assert.match(stderr, /settings-gone: does not exist, .*\[WEBHOOK_SETTINGS_MISSING\]/);
  assert.deepEqual(site.cluster.writes, []);
});

test('what another server answers in place of the API server is not an empty cluster', async () => {
  site.cluster.objects.set(`${ADMISSION}/mutatingwebhookconfigurations`, { hello: 'world' });
  const { stderr } = await up('--approve');
  assert.match(stderr, /MutatingWebhookConfigurations of the cluster: answered 200.*\[API_REFUSED\]/);
  assert.deepEqual(site.cluster.writes, []);
});

test('an issuer and a flag with characters that a terminal obeys', async () => {
  site.cluster.objects.set(DISCOVERY_PATH, { issuer: 'http://x\u001b[2J' });
  const { stdout, stderr } = await up();
  for (const line of `${stdout}${stderr}`.split('\n')) assert.equal(printable(line), line);
  assert.match((await up('--aws-default-region', 'eu west')).stderr, /must be a region/);
  assert.match((await up('--annotation-prefix', 'a b/')).stderr, /must be a prefix/);
});

test('a Deployment that does not get ready is named with its progress, and a webhook without its CA', async () => {
  const { exitCode, stderr } = await up('--wait', '--approve', '--timeout', '0s');
  assert.notEqual(exitCode, 0);
  assert.match(stderr, /Deployment podrole\/podrole-webhook: has 0 of 2 replicas ready after 0 s.*\[ROLLOUT/);
  const deployment = site.cluster.objects.get(DEPLOYMENT);
  const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  site.cluster.objects.set(DEPLOYMENT, { ...asObject(deployment), status });
  const withoutCa = await up('--wait', '--approve', '--timeout', '0s');
  assert.match(
    withoutCa.stderr,
    /MutatingWebhookConfiguration podrole: has no caBundle.*\[ROLLOUT_TIMEOUT\]/,
  );
  assert.match(withoutCa.stdout, /\nno changes\n/);
});
