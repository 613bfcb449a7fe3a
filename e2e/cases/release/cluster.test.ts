import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
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
import { artefact, IMAGE, pathWithoutNode, VERSION } from '../../setup/release/artefacts.ts';

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

test('krew installs the plugin, and kubectl podrole list runs without a Node on the PATH', async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-krew-'));
  t.after(() => rm(folder, { recursive: true }));
  const moto = await startMoto();
  t.after(() => moto.stop());
  const archive = artefact(`podrole-${VERSION}-linux-x64.tar.gz`);
  const manifest = artefact('podrole.yaml');
  const install = ['install', '--no-update-index', `--manifest=${manifest}`, `--archive=${archive}`];
  const krew = findBinary('krew', process.env['PODROLE_E2E_BINARIES']);
  await succeed('krew', runCommand(krew, install, { env: { ...process.env, KREW_ROOT: folder } }));
  const programs = path.join(folder, 'programs');
  mkdirSync(programs);
  await pathWithoutNode(programs);
  const env = {
    ...awsEnvironment(moto),
    PATH: `${programs}:${path.join(folder, 'bin')}`,
    HOME: folder,
    KUBECONFIG: cluster.kubeconfig,
  };
  const run = (...args: string[]) =>
    runCommand(path.join(programs, 'kubectl'), ['podrole', ...args], { env });
  assert.equal((await run('--version')).stdout, `${VERSION}\n`);
  const { stdout, stderr } = await run('list', '--namespace', 'shop');
  assert.match(stdout, /^shop +web +no role +arn:/m, stderr);
});
