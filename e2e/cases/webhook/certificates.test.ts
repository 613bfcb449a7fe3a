import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import os from 'node:os';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectKubectl } from '../../setup/install/install-podrole.ts';
import { commandsOf, runCommands } from '../../setup/install/page-commands.ts';
import { type PodStream, startPodStream } from '../../setup/pods/pod-stream.ts';
import { createServiceAccount } from '../../setup/pods/pods.ts';
import { installSelfManagedWebhook, type Replica } from '../../setup/webhook/self-managed-webhook.ts';
import { WEBHOOK_HOST } from '../../setup/webhook/webhook-site.ts';

/**
 * Certificates that the webhook issues itself, with the rights of the shipped manifests, while pods are
 * created.
 */
const ROLE = 'arn:aws:iam::111122223333:role/web';
/** The shortest lifetime: the certificate is renewed after 40 s. */
const LIFETIME = '1m';
const SECRET = ['podrole-webhook-tls', '--namespace', 'podrole'];
const NAMES = ['pods.podrole.dev', 'required.pods.podrole.dev'];

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const webhook = await installSelfManagedWebhook(cluster);
after(() => webhook.stop());
await createNamespace(cluster, 'shop', { 'podrole.dev/required': 'true' });
await createServiceAccount(cluster, 'shop', 'web', ROLE);
const serialOf = (pem: string | undefined) => (pem ? new X509Certificate(pem).serialNumber : undefined);

const [emptySecret, removeBundles] = await commandsOf('certificates.md');

/** Runs a command of docs/certificates.md unchanged. */
async function type(command: string | undefined): Promise<void> {
  assert.ok(command);
  const { code, stderr } = await runCommands([command], {
    folder: os.tmpdir(),
    kubeconfig: cluster.kubeconfig,
  });
  assert.equal(code, 0, stderr);
}

let replicas: readonly Replica[] = [];
let pods: PodStream;
after(() => pods?.stop());

/**
 * Returns the certificate that a replica serves, verified as the API server does; throws if the bundle does
 * not trust it.
 */
function servedSerial({ port }: Replica, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername: WEBHOOK_HOST }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

async function allServe(serial: string | undefined): Promise<boolean> {
  const { [NAMES[0] ?? '']: bundle = '' } = await webhook.bundles();
  const serials = await Promise.all(replicas.map((replica) => servedSerial(replica, bundle)));
  return serial !== undefined && serials.every((served) => served === serial);
}

function firstReplica(): Replica {
  return replicas[0] ?? assert.fail('no replica');
}

async function allReady(): Promise<boolean> {
  return (await Promise.all(replicas.map((replica) => replica.readiness()))).every(({ ready }) => ready);
}

/** Waits until every replica serves a pair other than this one; returns the time in ms. */
async function renewedFrom(serial: string | undefined, timeoutMs: number): Promise<number> {
  const began = performance.now();
  await waitFor(
    async () => {
      const now = serialOf((await webhook.secretData())?.['tls.crt']);
      return now !== serial && (await allServe(now)) && (await allReady());
    },
    'another certificate at every replica',
    timeoutMs,
  );
  return performance.now() - began;
}

before(async () => {
  replicas = await Promise.all(
    [0, 1, 2].map((number) => webhook.startReplica(number, ['--certificate-lifetime', LIFETIME])),
  );
});

test('three replicas that start together agree on one certificate, and the API server trusts it', async (t) => {
  const began = performance.now();
  await waitFor(allReady, 'every replica ready', 20_000);
  t.diagnostic(`ready ${Math.round(performance.now() - began)} ms after they listen`);
  const data = await webhook.secretData();
  assert.ok(await allServe(serialOf(data?.['tls.crt'])));
  assert.deepEqual(Object.keys(data ?? {}).sort(), ['ca.crt', 'tls.crt', 'tls.key']);
  assert.deepEqual(
    Object.entries(await webhook.bundles()),
    NAMES.map((name) => [name, data?.['ca.crt']]),
  );
  pods = startPodStream(cluster, 'shop', 'web', ROLE);
  await pods.passed(10);
  assert.deepEqual(pods.refusals(), []);
});

test('a Secret that is emptied, deleted or filled with something else is renewed, and no pod is refused', async (t) => {
  const changes = {
    'emptied, as the page says': () => type(emptySecret),
    'deleted, and made again as the log says': async () => {
      await expectKubectl(cluster, ['delete', 'secret', ...SECRET]);
      const { err } = await firstReplica().line(({ msg }) => /certificate check failed/.test(String(msg)));
      assert.match(
        JSON.stringify(err),
        /kubectl create secret generic podrole-webhook-tls --namespace podrole/,
      );
      await expectKubectl(cluster, ['create', 'secret', 'generic', ...SECRET]);
    },
    'filled with something else': () => webhook.patchSecret({ data: { 'tls.key': 'bm90aGluZw==' } }),
  };
  for (const [what, change] of Object.entries(changes)) {
    const serial = serialOf((await webhook.secretData())?.['tls.crt']);
    await change();
    t.diagnostic(
      `${what}: another certificate is served after ${Math.round(await renewedFrom(serial, 40_000))} ms`,
    );
    await pods.passed(10);
    assert.deepEqual(pods.refusals(), []);
  }
});

test('a certificate is renewed while pods are created, and none is refused', async (t) => {
  const serial = serialOf((await webhook.secretData())?.['tls.crt']);
  const count = pods.count();
  const tookMs = await renewedFrom(serial, 75_000);
  await pods.passed(10);
  t.diagnostic(`renewed after ${Math.round(tookMs)} ms; ${pods.count() - count} pods in the meantime`);
  assert.deepEqual(pods.refusals(), []);
});

test('an overwritten caBundle is repaired at once, and pods are refused only until then', async (t) => {
  const foreign = await createAuthority('foreign');
  const changes = {
    'line feed': () => webhook.overwriteBundles('\n'),
    'certificate of somebody else': () => webhook.overwriteBundles(foreign.cert),
    'taken away, as the page says': () => type(removeBundles),
  };
  for (const [what, change] of Object.entries(changes)) {
    const began = performance.now();
    await change();
    await waitFor(async () => {
      const ca = (await webhook.secretData())?.['ca.crt'] ?? '-';
      return Object.values(await webhook.bundles()).every((bundle) => bundle.includes(ca));
    }, 'the repaired bundle');
    const repairedMs = performance.now() - began;
    await pods.passed(10);
    const refused = pods.takeRefusals();
    for (const refusal of refused)
      assert.match(refusal.message, /failed calling webhook.*(x509|unable to load root certificates)/s);
    t.diagnostic(`${what}: repaired after ${Math.round(repairedMs)} ms, ${refused.length} pods refused`);
    await waitFor(allReady, 'every replica ready');
  }
});

test('the next replica to start replaces a certificate that has expired while no replica was running', async (t) => {
  await pods.stop();
  for (const replica of replicas) assert.equal(await replica.stop(), 0);
  const authority = await createAuthority('podrole-webhook-ca old');
  const old = await authority.issue([WEBHOOK_HOST], {
    notBeforeDate: new Date('2020-01-01'),
    notAfterDate: new Date('2020-03-31'),
  });
  const stringData = { 'tls.crt': old.cert, 'tls.key': old.key, 'ca.crt': authority.cert };
  await webhook.patchSecret({ stringData });
  await webhook.overwriteBundles(authority.cert);
  replicas = [await webhook.startReplica(3)];
  replicas = [...replicas, await webhook.startReplica(4)];
  t.diagnostic(`replaced after ${Math.round(await renewedFrom(serialOf(old.cert), 20_000))} ms`);
  const again = startPodStream(cluster, 'shop', 'web', ROLE);
  await again.passed(10);
  await again.stop();
  assert.deepEqual(again.refusals(), []);
});
