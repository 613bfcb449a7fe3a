import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { CommandResult } from '../../cluster/run-command.ts';

const LISTENER = fileURLToPath(new URL('../proxies/named-listener.ts', import.meta.url));
const TIMEOUT_MS = 60_000;
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
  const [pod, node] = await Promise.all([holdNamespace(), holdNamespace()]);
  const children: Child[] = [pod, node];
  const inside = ({ pid }: Child, command: readonly string[]) => [
    `--net=/proc/${pid}/ns/net`,
    '--',
    ...command,
  ];
  const run: PodNetwork['run'] = async (command, { stdin = '', path = process.env['PATH'] ?? '' } = {}) => {
    const child = start('nsenter', inside(pod, ['env', '-i', `PATH=${path}`, ...command]), TIMEOUT_MS);
    // Not every program reads its stdin.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    return finish(child);
  };
  const must = async (child: Child, lines: readonly string[]) => {
    const { code, stderr } = await finish(start('nsenter', inside(child, ['sh', '-euc', lines.join('\n')])));
    if (code !== 0) throw new Error(`${lines.join('\n')}\n${stderr}`);
  };
  await must(pod, [`ip link add eth0 type veth peer name pod0 netns ${node.pid}`]);
  await must(node, [
    'ip link set lo up',
    ...connect('pod0', NODE),
    ...nodeAddresses.map((address) => `ip address add ${address} dev lo`),
  ]);
  await must(pod, [
    'ip link set lo up',
    ...connect('eth0', POD),
    `ip -4 route add default via ${NODE.ipv4}`,
    `ip -6 route add default via ${NODE.ipv6}`,
  ]);
  return {
    addresses: POD,
    run,
    listen: async (side, name, sockets, userId = 0) => {
      const command = [process.execPath, LISTENER, name, String(userId), ...sockets];
      const child = start('nsenter', inside(side === 'pod' ? pod : node, command));
      children.push(child);
      await firstLine(child);
    },
    close: async () => {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          child.kill('SIGKILL');
          await once(child, 'close');
        }),
      );
    },
  };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts a process that keeps a new network namespace alive. */
async function holdNamespace(): Promise<Child> {
  const child = start('unshare', ['--net', 'sh', '-c', 'echo ready; exec cat']);
  await firstLine(child);
  return child;
}

// Duplicate address detection would make the IPv6 address unusable for a second.
function connect(device: string, { ipv4, ipv6 }: { ipv4: string; ipv6: string }): readonly string[] {
  return [
    `ip address add ${ipv4}/24 dev ${device}`,
    `ip address add ${ipv6}/64 dev ${device} nodad`,
    `ip link set ${device} up`,
  ];
}

function start(program: string, args: readonly string[], timeout?: number): Child {
  return spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(timeout === undefined ? {} : { timeout, killSignal: 'SIGKILL' }),
  });
}

async function finish(child: Child): Promise<CommandResult> {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code ?? 1, stdout, stderr };
}

/** Resolves when the child prints that it is ready. */
async function firstLine(child: Child): Promise<void> {
  const ended = once(child, 'close').then(async () => {
    throw new Error(`${child.spawnargs.join(' ')} ended: ${await text(child.stderr)}`);
  });
  await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => {});
}
