import { mkdir, writeFile } from 'node:fs/promises';
import { waitFor } from '../../testing/wait-for.ts';
import { expectSuccess } from '../cluster/api-objects.ts';
import { NODE_SIDE_API_SERVER } from '../cluster/components.ts';
import type { ControlPlane } from '../cluster/control-plane.ts';
import { type Binary, findBinary } from '../cluster/find-binary.ts';
import { certificateUser, kubeconfig } from '../cluster/kubeconfig.ts';
import type { RunningProcess } from '../cluster/processes.ts';
import { type CommandOptions, type CommandResult, runCommand, succeed } from '../cluster/run-command.ts';
import { startOrStop } from '../cluster/start-or-stop.ts';
import { cgroupOf, makeCgroup, removeCgroup } from './cgroups.ts';
import {
  CONTAINERD_SOCKET,
  cniConfig,
  containerdConfig,
  kubeletConfig,
  type NodeFiles,
  nodeFilesIn,
  type PodNetworkOptions,
  proxyConfig,
} from './configs.ts';
import { type Machine, startMachine } from './machine.ts';
import { type NodeAddresses, nodeCommands, portCommands } from './network.ts';

/** Enough to unpack images of some hundred megabytes on a busy machine. */
const IMPORT_TIMEOUT_MS = 300_000;

export interface ClusterNode {
  readonly name: string;
  /** The API server reaches its kubelet at this address: 198.18.0.2 for the first node. */
  readonly address: string;
  /** Process id of the first process in its network, mount and process namespaces. */
  readonly pid: number;
  /** Runs a command in its namespaces. */
  run(command: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Ends kubelet, not its pods; resolves when it has ended. */
  stopKubelet(): Promise<void>;
  startKubelet(): void;
  /** Runs containerd's own client, for the pods' containers. */
  ctr(args: readonly string[]): Promise<CommandResult>;
  /** Starts a program in its namespaces; it ends with the node at the latest. */
  start(name: string, program: string, args: readonly string[]): RunningProcess;
  /** Aborted when kubelet or containerd has ended unexpectedly. */
  readonly ended: AbortSignal;
  /**
   * Kills the processes of the node and removes everything that it created. It may be called more than once.
   */
  stop(): Promise<void>;
}

interface NodeOptions {
  readonly name: string;
  /** Folder for all files of the node. */
  readonly folder: string;
  readonly addresses: NodeAddresses;
  readonly others: readonly NodeAddresses[];
  readonly images: readonly string[];
  readonly maxPods: number;
  readonly podNetwork: PodNetworkOptions;
  /** Resolves once the API server is ready. */
  readonly controlPlane: Promise<ControlPlane>;
}

/**
 * Starts a machine with containerd, its images, and kubelet. The node is Ready a moment after this resolves.
 */
export async function startNode(options: NodeOptions): Promise<ClusterNode> {
  const { name, folder, addresses } = options;
  const files = nodeFilesIn(folder);
  const cgroupRoot = cgroupOf(name);
  // A killed test could not remove it.
  await removeCgroup(cgroupRoot);
  makeCgroup(cgroupRoot);
  const machine = await startMachine(name, files.machine);
  const stop = async () => {
    await machine.stop();
    await removeCable(addresses.port);
    await removeCgroup(cgroupRoot);
  };
  return await startOrStop(async () => {
    await connectMachine(options, machine);
    await writeConfigs(files, options, cgroupRoot);
    const containerd = await startContainerd(options, machine, files);
    await registerNode(options, files);
    return { ...startNodeAgents(options, machine, files, containerd), stop };
  }, stop);
}

function ctrCommand(): readonly string[] {
  return [programOf('ctr'), `--address=${CONTAINERD_SOCKET}`, '--namespace=k8s.io'];
}

function programOf(binary: Binary): string {
  return findBinary(binary, process.env['PODROLE_E2E_BINARIES']);
}

/** Gives the machine its interface, its addresses and its routes. */
async function connectMachine({ addresses, others }: NodeOptions, machine: Machine): Promise<void> {
  await removeCable(addresses.port);
  for (const command of portCommands(addresses, machine.pid)) {
    await succeed(command.join(' '), runCommand('ip', command));
  }
  for (const command of nodeCommands(addresses, others)) {
    await succeed(command.join(' '), machine.run(['ip', ...command]));
  }
}

/** Starts containerd and imports the images. */
async function startContainerd(
  { name, images }: NodeOptions,
  machine: Machine,
  files: NodeFiles,
): Promise<RunningProcess> {
  const args = [`--config=${files.containerdConfig}`];
  const containerd = machine.start('containerd', programOf('containerd'), args);
  const ctr = ctrCommand();
  const answers = async () => (await machine.run([...ctr, 'version'])).code === 0;
  await waitFor(answers, `containerd on node ${name}`, undefined, containerd.ended);
  for (const image of images) {
    const imported = machine.run([...ctr, 'images', 'import', image], { timeoutMs: IMPORT_TIMEOUT_MS });
    await succeed(`import of ${image}`, imported);
  }
  return containerd;
}

/** Creates the Node object and the credentials of its kubelet, once the API server is ready. */
async function registerNode({ name, addresses, ...options }: NodeOptions, files: NodeFiles): Promise<void> {
  const controlPlane = await options.controlPlane;
  await writeCredentials(files, name, addresses.address, controlPlane);
  // With its range already: the controllers would assign ranges in the order in which nodes register.
  await expectSuccess(controlPlane, 'POST', '/api/v1/nodes', {
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec: { podCIDR: addresses.podRange, podCIDRs: [addresses.podRange] },
  });
}

/** Starts kubelet and kube-proxy. */
function startNodeAgents(
  { name, addresses }: NodeOptions,
  machine: Machine,
  files: NodeFiles,
  containerd: RunningProcess,
): Omit<ClusterNode, 'stop'> {
  const runKubelet = () =>
    machine.start('kubelet', programOf('kubelet'), [
      `--config=${files.kubeletConfig}`,
      `--kubeconfig=${files.kubeletKubeconfig}`,
      `--hostname-override=${name}`,
      `--node-ip=${addresses.address}`,
    ]);
  let kubelet = runKubelet();
  const ended = AbortSignal.any([containerd.ended, kubelet.ended]);
  machine.start('kube-proxy', programOf('kube-proxy'), [`--config=${files.proxyConfig}`]);
  return {
    name,
    address: addresses.address,
    pid: machine.pid,
    ended,
    run: machine.run,
    start: machine.start,
    ctr: (args) => machine.run([...ctrCommand(), ...args]),
    stopKubelet: () => kubelet.stop(0),
    startKubelet: () => {
      kubelet = runKubelet();
    },
  };
}

async function writeConfigs(
  files: NodeFiles,
  { addresses, podNetwork, maxPods }: NodeOptions,
  cgroupRoot: string,
): Promise<void> {
  await Promise.all([mkdir(files.cniConfigs), mkdir(files.volumePlugins)]);
  await Promise.all([
    writeFile(files.containerdConfig, containerdConfig(files)),
    writeFile(files.cniConfig, cniConfig(addresses.podRange, podNetwork)),
    writeFile(files.kubeletConfig, kubeletConfig(files, { maxPods, cgroupRoot })),
    // No resolver: pods use hostAliases for names.
    writeFile(files.resolver, ''),
  ]);
}

async function writeCredentials(
  files: NodeFiles,
  name: string,
  address: string,
  { authority }: ControlPlane,
): Promise<void> {
  const [client, proxy, server] = await Promise.all([
    authority.issue([`system:node:${name}`], undefined, 'system:nodes'),
    authority.issue(['system:kube-proxy']),
    authority.issue([name, address]),
  ]);
  const contents: [file: string, content: string][] = [
    [files.authority, authority.cert],
    [files.kubeletCertificate, server.cert],
    [files.kubeletKey, server.key],
    [files.kubeletKubeconfig, kubeconfig(NODE_SIDE_API_SERVER, authority.cert, certificateUser(client))],
    [files.proxyKubeconfig, kubeconfig(NODE_SIDE_API_SERVER, authority.cert, certificateUser(proxy))],
    [files.proxyConfig, proxyConfig(files.proxyKubeconfig, name)],
  ];
  await Promise.all(contents.map(([file, content]) => writeFile(file, content, { mode: 0o600 })));
}

/**
 * The kernel removes the cable of an ended machine some time later. Until then the cable has only an IPv6
 * address, and names with only IPv4 addresses do not resolve: `getaddrinfo` looks at the addresses of the
 * interfaces.
 */
async function removeCable(port: string): Promise<void> {
  // It fails if the cable does not exist.
  await runCommand('ip', ['link', 'delete', port]);
}
