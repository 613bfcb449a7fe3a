import type { CommandResult } from '../../cluster/run-command.ts';
import { connectCommands, openNamespace } from './network-namespace.ts';

/** Addresses of the pod, and of the node at the other end of its cable. */
const POD = { ipv4: '198.18.0.2', ipv6: 'fd00:9::2' } as const;
const NODE = { ipv4: '198.18.0.1', ipv6: 'fd00:9::1' } as const;

/** A pod's network. Commands in it run as root with all capabilities, unless they drop them. */
export interface PodNetwork {
  readonly addresses: typeof POD;
  /** Runs a command in the pod's namespace, with PATH as its only variable. */
  run(command: readonly string[], options?: { stdin?: string; path?: string }): Promise<CommandResult>;
  /**
   * Starts a server that answers every connection with its name.
   * @param side the namespace that it listens in
   * @param sockets `address port` each
   * @param userId its user after it has started to listen
   */
  listen(side: 'pod' | 'node', name: string, sockets: readonly string[], userId?: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Creates two network namespaces as a pod and its node have them: the pod has `eth0` with a default route to
 * the node.
 * @param nodeAddresses further addresses of the node
 */
export async function openPodNetwork(nodeAddresses: readonly string[]): Promise<PodNetwork> {
  const [pod, node] = await Promise.all([openNamespace(), openNamespace()]);
  await pod.must([`ip link add eth0 type veth peer name pod0 netns ${node.pid}`]);
  await node.must([
    'ip link set lo up',
    ...connectCommands('pod0', NODE),
    ...nodeAddresses.map((address) => `ip address add ${address} dev lo`),
  ]);
  await pod.must([
    'ip link set lo up',
    ...connectCommands('eth0', POD),
    `ip -4 route add default via ${NODE.ipv4}`,
    `ip -6 route add default via ${NODE.ipv6}`,
  ]);
  return {
    addresses: POD,
    run: pod.run,
    listen: async (side, name, sockets, userId) => {
      await (side === 'pod' ? pod : node).listen(name, sockets, userId);
    },
    close: async () => {
      await Promise.all([pod.close(), node.close()]);
    },
  };
}
