import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { CommandResult } from '../../cluster/run-command.ts';

const LISTENER = fileURLToPath(new URL('../proxies/named-listener.ts', import.meta.url));
const TIMEOUT_MS = 60_000;

/** A network namespace. Commands in it run as root with all capabilities, unless they drop them. */
export interface NetworkNamespace {
  /** Process that keeps it alive. */
  readonly pid: number;
  /** Runs a command, with PATH as its only variable. */
  run(command: readonly string[], options?: { stdin?: string; path?: string }): Promise<CommandResult>;
  /** Runs lines of a shell. Throws if one fails. */
  must(lines: readonly string[]): Promise<string>;
  /** Starts a program that goes on, and waits for its first output. */
  start(command: readonly string[]): Promise<Program>;
  /**
   * Starts a server that answers every connection with its name.
   * @param sockets `address port` each
   * @param userId its user after it has started to listen
   */
  listen(name: string, sockets: readonly string[], userId?: number): Promise<Program>;
  close(): Promise<void>;
}

/** A program that goes on. */
export interface Program {
  readonly stdin: Writable;
  /** All that it prints, when it has ended. */
  output(): Promise<string>;
  /** The output until now. */
  lines(): string;
  end(signal: NodeJS.Signals): Promise<void>;
}

export async function openNamespace(): Promise<NetworkNamespace> {
  const holder = await holdNamespace();
  const children: Child[] = [holder];
  const inside = (command: readonly string[]) => [`--net=/proc/${holder.pid}/ns/net`, '--', ...command];
  const startInside = async (command: readonly string[]) => {
    const child = start('nsenter', inside(command));
    children.push(child);
    const chunks: string[] = [];
    child.stdout.on('data', (chunk) => chunks.push(String(chunk)));
    await firstLine(child);
    return {
      stdin: child.stdin,
      output: async () => {
        if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
        return chunks.join('');
      },
      lines: () => chunks.join(''),
      end: (signal: NodeJS.Signals) => endChild(child, signal),
    };
  };
  return {
    pid: holder.pid ?? 0,
    run: (command, { stdin = '', path = process.env['PATH'] ?? '' } = {}) => {
      const child = start('nsenter', inside(['env', '-i', `PATH=${path}`, ...command]), TIMEOUT_MS);
      // Not every program reads its stdin.
      child.stdin.on('error', () => {});
      child.stdin.end(stdin);
      return finish(child);
    },
    must: async (lines) => {
      const { code, stdout, stderr } = await finish(
        start('nsenter', inside(['sh', '-euc', lines.join('\n')])),
      );
      if (code !== 0) throw new Error(`${lines.join('\n')}\n${stderr}`);
      return stdout;
    },
    start: startInside,
    listen: (name, sockets, userId = 0) =>
      startInside([process.execPath, LISTENER, name, String(userId), ...sockets]),
    close: async () => {
      await Promise.all(children.map((child) => endChild(child, 'SIGKILL')));
    },
  };
}

async function endChild(child: Child, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'close');
}

/**
 * Returns the commands that give a device its addresses. Duplicate address detection would make the IPv6
 * address unusable for a second.
 */
export function connectCommands(
  device: string,
  { ipv4, ipv6 }: { ipv4: string; ipv6: string },
): readonly string[] {
  return [
    `ip address add ${ipv4}/24 dev ${device}`,
    `ip address add ${ipv6}/64 dev ${device} nodad`,
    `ip link set ${device} up`,
  ];
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts a process that keeps a new network namespace alive. */
async function holdNamespace(): Promise<Child> {
  const child = start('unshare', ['--net', 'sh', '-c', 'echo ready; exec cat']);
  await firstLine(child);
  return child;
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
