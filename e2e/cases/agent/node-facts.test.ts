import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { startServer } from '../../../testing/processes/server-process.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace } from '../../cluster/api-objects.ts';
import { startNodeCluster } from '../../node/node-cluster.ts';
import {
  AGENT_PORT,
  askingContainer,
  deleteAndFree,
  killSandbox,
  onNode,
  redirectMetadata,
} from '../../setup/agent/asking-pods.ts';
import { createPod } from '../../setup/pods/pods.ts';

/**
 * The agent decides whose connection it is by what kubelet and the kernel do. These tests hold them to it, on
 * a bridge with so few addresses that each is given again at once.
 */
const ISSUER = 'https://oidc.example.test';
const WITNESS = new URL('../../setup/agent/witness.ts', import.meta.url);
const NAMESPACE = 'facts';
const LIVES = 4;

/** Line of the witness. */
interface Asked {
  readonly who: string;
  readonly address: string;
  readonly link?: { readonly mac: string; readonly device: string; readonly flags: string };
  readonly bridgePort?: number;
  /** Addresses in the hosts file of each pod, by UID. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
}

const images = [path.join(process.env['PODROLE_E2E_IMAGES'] ?? '', 'pause.tar')];
const podNetwork = { type: 'bridge', addresses: 2 } as const;
const cluster = await startNodeCluster({ issuer: ISSUER, images, podNetwork });
after(() => cluster.stop());
const [node] = cluster.nodes;
assert.ok(node);
await redirectMetadata(node);
const witness = await startServer(WITNESS, [String(AGENT_PORT)], { wrapper: onNode(node) });
after(() => witness.stop('SIGKILL'));
await createNamespace(cluster, NAMESPACE);

function askedBy(uid: string): readonly Asked[] {
  const asked = witness.lines.filter(({ msg }) => msg === 'asked') as unknown as readonly Asked[];
  return asked.filter(({ who }) => who.startsWith(uid));
}

const askedFrom = (uid: string, container: string, isNew: (asked: Asked) => boolean = () => true) =>
  waitFor(
    () => askedBy(uid).find((asked) => asked.who === `${uid} ${container}` && isNew(asked)),
    `request of container ${container} of pod ${uid}`,
    60_000,
  );

const start = (name: string, spec: object = { containers: [askingContainer('app')] }) =>
  createPod(cluster, NAMESPACE, 'default', { name, spec: { terminationGracePeriodSeconds: 1, ...spec } });

/** Holds each request so far to what the agent relies on. */
function expectWitnesses(uid: string): void {
  const requests = askedBy(uid);
  assert.notEqual(requests.length, 0);
  for (const { address, link, bridgePort, hosts } of requests) {
    assert.deepEqual(hosts[uid], [address]);
    assert.deepEqual([link?.device, link?.flags], ['cni0', '0x2']);
    assert.ok(bridgePort !== undefined);
  }
}

test('the hosts file and the link of a pod are there before its first request', async (t) => {
  // One of two addresses is taken all the time, so that the others get the same one.
  await askedFrom((await start('steady')).metadata.uid, 'app');
  const macs = new Set<string | undefined>();
  const addresses = new Set<string>();
  let remained = 0;
  let former = '';
  for (let life = 0; life < LIVES; life += 1) {
    const name = `life-${life}`;
    const init = life % 2 === 0 ? [] : [askingContainer('init', 1)];
    const pod = await start(name, { initContainers: init, containers: [askingContainer('app')] });
    const { uid } = pod.metadata;
    const { address, hosts } = await askedFrom(uid, 'app');
    expectWitnesses(uid);
    for (const { link } of askedBy(uid)) macs.add(link?.mac);
    addresses.add(address);
    if (hosts[former]?.includes(address)) remained += 1;
    former = uid;
    await deleteAndFree(cluster, node, { namespace: NAMESPACE, name, address });
  }
  assert.equal(addresses.size, 1);
  // A new link for each sandbox, although the address is the same.
  assert.equal(macs.size, LIVES);
  t.diagnostic(`the former pod's hosts file, with the same address, was still there ${remained} times`);
});

test('after a crash of its sandbox the hosts file has the new address before a container runs', async () => {
  const { uid } = (await start('crashing')).metadata;
  const before = await askedFrom(uid, 'app');
  await killSandbox(node, uid);
  const isNew = ({ link }: Asked) => link?.mac !== before.link?.mac;
  await askedFrom(uid, 'app', isNew);
  expectWitnesses(uid);
  await deleteAndFree(cluster, node, { namespace: NAMESPACE, name: 'crashing', address: before.address });
});

test('kubelet writes no hosts file for a pod that mounts its own, and the aliases of the others', async () => {
  const own = { name: 'own', mountPath: '/etc/hosts', subPath: 'hosts' };
  const { uid } = (
    await start('own-hosts', {
      volumes: [{ name: 'own', emptyDir: {} }],
      containers: [{ ...askingContainer('app'), volumeMounts: [own] }],
    })
  ).metadata;
  const { hosts, address } = await askedFrom(uid, 'app');
  assert.deepEqual(hosts[uid], ['no file']);
  await deleteAndFree(cluster, node, { namespace: NAMESPACE, name: 'own-hosts', address });

  const hostAliases = [{ ip: '10.244.0.250', hostnames: ['somebody-else'] }];
  const alias = await start('alias', { hostAliases, containers: [askingContainer('app')] });
  const asked = await askedFrom(alias.metadata.uid, 'app');
  assert.deepEqual(asked.hosts[alias.metadata.uid], [asked.address, '10.244.0.250']);
});
