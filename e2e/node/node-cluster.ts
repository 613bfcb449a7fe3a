import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { waitFor } from '../../testing/wait-for.ts';
import { NODE_SIDE_ADDRESS } from '../cluster/components.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { type Binary, findBinary } from '../cluster/find-binary.ts';
import { logFolder } from '../cluster/log-tails.ts';
import { type RunningProcess, startProcess } from '../cluster/processes.ts';
import { runCommand, succeed } from '../cluster/run-command.ts';
import { startOrStop } from '../cluster/start-or-stop.ts';
import { type PodNetworkOptions, proxyConfig, schedulerConfig } from './configs.ts';
import { addressesOf, BRIDGE, bridgeCommands } from './network.ts';
import { type ClusterNode, startNode } from './start-node.ts';

export interface NodeClusterOptions {
  /** `iss` of the ServiceAccount tokens; an https URL. */
  readonly issuer: string;
  /** Number of nodes; default: 1. Their names are n1, n2, ... */
  readonly nodes?: number;
  /** Paths of the image archives that each node gets. One of them contains localhost/pause:1. */
  readonly images: readonly string[];
  readonly extraApiServerFlags?: readonly string[];
  /** Most pods per node; default: 250. */
  readonly maxPods?: number;
  /** Default: each pod has its own cable, and an address of a range of 1022. */
  readonly podNetwork?: PodNetworkOptions;
}

/** A control plane with nodes that run pods. */
export interface NodeCluster extends ControlPlane {
  readonly nodes: readonly ClusterNode[];
  /** Address at which pods reach servers of this network namespace: bind to it, or to all addresses. */
  readonly address: string;
}

const READY_TIMEOUT_MS = 120_000;

/**
 * Starts a control plane and nodes; the nodes are Ready when it resolves. Processes of this network
 * namespace, the API server among them, reach Services at their ClusterIP.
 * @throws PodroleError when a part does not become ready
 */
export async function startNodeCluster(options: NodeClusterOptions): Promise<NodeCluster> {
  const { issuer, images, nodes: count = 1, extraApiServerFlags = [], maxPods = 250 } = options;
  const { podNetwork = {} } = options;
  const programOf = (name: Binary) => findBinary(name, process.env['PODROLE_E2E_BINARIES']);
  const scheduler = programOf('kube-scheduler');
  const proxy = programOf('kube-proxy');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-nodes-'));
  const helpers: RunningProcess[] = [];
  // A killed test could not remove it.
  await removeNetwork();
  for (const command of bridgeCommands()) await succeed(command.join(' '), runCommand('ip', command));
  const starting = startControlPlane({ issuer, extraApiServerFlags, nodes: true });
  const addresses = Array.from({ length: count }, (_, index) => addressesOf(index));
  const startingNodes = addresses.map((own, index) =>
    startNode({
      name: `n${index + 1}`,
      folder: path.join(folder, `n${index + 1}`),
      addresses: own,
      others: addresses.filter((other) => other !== own),
      images,
      maxPods,
      podNetwork,
      controlPlane: starting,
    }),
  );
  const startingAll = Promise.all(startingNodes);
  // It is awaited below, and it may fail before that.
  startingAll.catch(() => undefined);
  const end = async () => {
    const [started, ...machines] = await Promise.allSettled([starting, ...startingNodes]);
    await Promise.all([
      ...helpers.map((helper) => helper.stop(0)),
      ...machines.map(async (node) => node.status === 'fulfilled' && node.value.stop()),
    ]);
    if (started.status === 'fulfilled') await started.value.stop();
    await removeNetwork();
    await rm(folder, { recursive: true, force: true });
  };
  let ending: Promise<void> | undefined;
  const stop = () => {
    ending ??= end();
    return ending;
  };
  const start = async (name: string, program: string, config: string, ...args: string[]) => {
    const file = path.join(folder, `${name}.json`);
    await writeFile(file, config);
    helpers.push(startProcess({ name, program, args: [`--config=${file}`, ...args], logs: logFolder() }));
  };
  return await startOrStop(async () => {
    const controlPlane = await starting;
    const { kubeconfig } = controlPlane;
    await start('kube-scheduler', scheduler, schedulerConfig(kubeconfig), '--secure-port=0');
    const nodes = await startingAll;
    // In the name of the first node: this machine is not a node.
    await start('kube-proxy', proxy, proxyConfig(kubeconfig, 'n1'));
    await Promise.all(nodes.map((node) => waitForNode(controlPlane, node)));
    return { ...controlPlane, nodes, address: NODE_SIDE_ADDRESS, stop };
  }, stop);
}

async function waitForNode(api: ControlPlane, { name, ended }: ClusterNode): Promise<void> {
  const isReady = async () => {
    const { body } = await api.request('GET', `/api/v1/nodes/${name}`);
    const { status } = body as { status: { conditions?: { type: string; status: string }[] } };
    return status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  };
  await waitFor(isReady, `node ${name} Ready`, READY_TIMEOUT_MS, ended);
}

/** Removes the bridge with its routes, and the rules of kube-proxy, which outlive it. */
async function removeNetwork(): Promise<void> {
  // It fails if the bridge does not exist.
  await runCommand('ip', ['link', 'delete', BRIDGE]);
  const tables = ['ip', 'ip6'].flatMap((family) =>
    // Added first, so that the deletion succeeds.
    ['add', 'delete'].map((verb) => `${verb} table ${family} kube-proxy`),
  );
  await succeed('removal of the packet filter', runCommand('nft', [tables.join('; ')]));
}
