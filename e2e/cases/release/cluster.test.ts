import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { awsEnvironment } from '../../aws/aws-server.ts';
import { startMoto } from '../../aws/moto.ts';
import { findBinary } from '../../cluster/find-binary.ts';
import { runCommand, succeed } from '../../cluster/run-command.ts';
import { CONTAINERD_SOCKET } from '../../node/configs.ts';
import { startNodeCluster } from '../../node/node-cluster.ts';
import { expectRole } from '../../setup/aws/expect-identity.ts';
import { expectKubectl, waitForRollout } from '../../setup/install/install-podrole.ts';
import { createPod } from '../../setup/pods/pods.ts';
import { prepareNamespaces, waitForPatches } from '../../setup/pods/steady-pods.ts';
import { artefact, IMAGE, pathWithoutNode, unpack, VERSION } from '../../setup/release/artefacts.ts';

/** Every artefact for a cluster, installed as a user does, on a node that has the released image. */
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const pause = path.join(process.env['PODROLE_E2E_IMAGES'] ?? '', 'pause.tar');
const image = artefact(`podrole-image-${VERSION}.oci.tar`);
const cluster = await startNodeCluster({ issuer: 'https://oidc.example.test', images: [pause, image] });
after(() => cluster.stop());
const reference = /image: (\S+)/.exec(readFileSync(artefact('install.yaml'), 'utf8'))?.[1] ?? '';
await nameByDigest();
await prepareNamespaces(cluster);
await expectKubectl(cluster, ['create', 'namespace', 'shop']);
await expectKubectl(cluster, ['apply', '-f', 'examples/serviceaccounts.yaml']);
const helm = (...args: string[]) =>
  succeed(
    `helm ${args[0]}`,
    runCommand(findBinary('helm', process.env['PODROLE_E2E_BINARIES']), args, {
      env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
    }),
  );

/** A registry would do that: an image that is imported has only its tag. */
async function nameByDigest(): Promise<void> {
  assert.match(reference, new RegExp(`^${IMAGE}:${VERSION}@sha256:[0-9a-f]{64}$`));
  const ctr = [findBinary('ctr', process.env['PODROLE_E2E_BINARIES']), `--address=${CONTAINERD_SOCKET}`];
  const names = [`${IMAGE}:${VERSION}`, reference.replace(`:${VERSION}`, '')];
  for (const node of cluster.nodes)
    await succeed('tag', node.run([...ctr, '--namespace=k8s.io', 'images', 'tag', ...names]));
}

async function expectWebhook(pod: string): Promise<void> {
  await waitForRollout(cluster);
  const args = ['get', 'pods', '--namespace=podrole', '-o', 'jsonpath={.items[*].spec.containers[*].image}'];
  const images = (await expectKubectl(cluster, args)).split(' ');
  assert.deepEqual([...new Set(images)], [reference]);
  await waitForPatches(cluster);
  expectRole(await createPod(cluster, 'shop', 'web', { name: pod }), 'app', ROLE);
}

test('install.yaml starts the released image, by its digest, and pods get their role', async () => {
  await expectKubectl(cluster, ['apply', '-f', artefact('install.yaml')]);
  await expectWebhook('by-manifest');
  await expectKubectl(cluster, ['delete', '-f', artefact('install.yaml')]);
});

test('the chart package installs the same', async () => {
  const chart = artefact(`podrole-chart-${VERSION}.tgz`);
  const printed = await helm(
    'install',
    'podrole',
    chart,
    '--namespace=podrole',
    '--create-namespace',
    '--wait',
  );
  assert.doesNotMatch(printed, /symbolic link/);
  await expectWebhook('by-chart');
});

test('kubectl podrole list runs from the archive, without a Node on the PATH', async (t) => {
  const archive = await unpack(artefact(`podrole-${VERSION}-linux-x64.tar.gz`));
  t.after(() => archive.remove());
  const moto = await startMoto();
  t.after(() => moto.stop());
  const bin = path.join(archive.folder, 'bin');
  mkdirSync(bin);
  await pathWithoutNode(bin);
  // A link to the launcher, as krew and people make it.
  symlinkSync('../podrole/podrole', path.join(bin, 'kubectl-podrole'));
  const env = {
    ...awsEnvironment(moto),
    PATH: bin,
    HOME: archive.folder,
    KUBECONFIG: cluster.kubeconfig,
  };
  const run = (...args: string[]) => runCommand(path.join(bin, 'kubectl'), ['podrole', ...args], { env });
  assert.equal((await run('--version')).stdout, `${VERSION}\n`);
  const { stdout, stderr } = await run('list', '--namespace', 'shop');
  assert.match(stdout, /\bweb\b.*\bmissing\b/i, stderr);
});
