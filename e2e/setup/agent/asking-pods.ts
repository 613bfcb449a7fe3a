import { waitFor } from '../../../testing/wait-for.ts';
import type { AdminClient } from '../../cluster/admin-client.ts';
import { type CommandResult, succeed } from '../../cluster/run-command.ts';
import type { ClusterNode } from '../../node/start-node.ts';
import { podsIn } from '../pods/pods.ts';

/** Port that the redirect of a node leads to. */
export const AGENT_PORT = 9921;
const METADATA = '169.254.169.254';

/**
 * Returns a container that sends its pod's UID and its own name to the metadata address.
 * @param times default: in a tight loop, from its first instruction to its last
 */
export function askingContainer(name: string, times?: number) {
  const ask = `echo "$POD_UID ${name}" | /bin/busybox nc ${METADATA} 80`;
  // The shell is process 1, which ends on SIGTERM only if it handles it.
  const forever = `trap 'exit 0' TERM; while :; do ${ask} >/dev/null 2>&1; done`;
  const script = times === undefined ? forever : Array.from({ length: times }, () => ask).join('; ');
  return {
    name,
    image: 'localhost/pause:1',
    imagePullPolicy: 'Never',
    env: [{ name: 'POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } }],
    command: ['/bin/busybox', 'sh', '-c', script],
  };
}

/** Wrapper that executes a program in the namespaces of a node, for `startServer`. */
export function onNode(node: Pick<ClusterNode, 'pid'>): readonly string[] {
  return ['nsenter', `--target=${node.pid}`, '--net', '--mount', '--pid', '--'];
}

/** Redirects the pods' requests to the metadata address, without the guards that the agent's rules have. */
export async function redirectMetadata(node: ClusterNode): Promise<void> {
  const rules = [
    'table inet witness {',
    'chain prerouting {',
    'type nat hook prerouting priority -101;',
    `ip daddr ${METADATA} tcp dport 80 redirect to :${AGENT_PORT}`,
    '}',
    '}',
    '',
  ];
  await succeed('redirect of the node', node.run(['nft', '-f', '-'], { input: rules.join('\n') }));
}

/** Kills the sandbox of a pod as a crash does: kubelet makes another one. */
export async function killSandbox(node: ClusterNode, uid: string): Promise<void> {
  const filter = `labels."io.kubernetes.pod.uid"==${uid},labels."io.cri-containerd.kind"==sandbox`;
  const list = await succeed('sandboxes', node.ctr(['containers', 'ls', '--quiet', filter]));
  for (const id of list.split('\n').filter(Boolean)) {
    // A former sandbox that is still listed has no task.
    await node.ctr(['tasks', 'kill', '--signal', 'KILL', id]);
  }
}

/** Deletes a pod, and resolves as soon as the CNI has freed its address. */
export async function deleteAndFree(
  api: Pick<AdminClient, 'request'>,
  node: ClusterNode,
  { namespace, name, address }: { namespace: string; name: string; address: string },
): Promise<void> {
  await api.request('DELETE', `${podsIn(namespace)}/${name}`);
  const isFree = async () => (await node.run(['ls', `/var/lib/cni/networks/pods/${address}`])).code !== 0;
  await waitFor(isFree, `free address ${address}`, 60_000);
}

/** Returns the process of a pod's sandbox, which holds its network, as the node sees it. */
export async function sandboxOf(node: ClusterNode, uid: string): Promise<string> {
  const filter = `labels."io.kubernetes.pod.uid"==${uid},labels."io.cri-containerd.kind"==sandbox`;
  const id = (await succeed('sandbox', node.ctr(['containers', 'ls', '--quiet', filter]))).trim();
  const tasks = await succeed('tasks', node.ctr(['tasks', 'ls']));
  const pid = new RegExp(`^${id}\\s+(\\d+)`, 'm').exec(tasks)?.[1];
  if (pid === undefined) throw new Error(`pod ${uid} has no running sandbox`);
  return pid;
}

/** Runs a command of the machine in the network namespace of a pod. */
export async function runInPod(
  node: ClusterNode,
  uid: string,
  command: readonly string[],
): Promise<CommandResult> {
  return node.run(['nsenter', `--target=${await sandboxOf(node, uid)}`, '--net', '--', ...command]);
}
