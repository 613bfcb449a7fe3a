import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** User and privileges of a container's process. */
interface Confinement {
  readonly userId: number;
  /** Capabilities, for root only. The process also has those that the test needs to enter the image. */
  readonly capabilities?: readonly string[];
  /** True: only loopback, which is down. Otherwise the network of the test. */
  readonly ownNetwork?: boolean;
  /** Variables besides those of the image. */
  readonly env?: Readonly<Record<string, string>>;
}

interface OpenImage {
  /** Root of its file system. */
  readonly root: string;
  readonly size: number;
  /** `config` of the OCI image specification: Labels, User, Entrypoint, Env. */
  readonly config: JsonObject;
  /**
   * Starts a program as process 1 of a container, without a container runtime: read-only root, separate
   * processes, no new privileges.
   */
  start(command: readonly string[], confinement: Confinement): Child;
  run(
    command: readonly string[],
    confinement: Confinement,
  ): Promise<{ code: number | null; stdout: string; stderr: string }>;
  close(): void;
}

/** Runs in new namespaces; $1 is the image. The shell executes the program, which so becomes process 1. */
const ENTER = `
mount --bind "$1" "$1"
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc"
mount -o remount,bind,ro "$1"
cd "$1"; shift
exec "$@"
`;

/** Unpacks an archive of `e2e/images/build`, layer by layer. */
export function openImage(name: string): OpenImage {
  const archive = join(process.env['PODROLE_E2E_IMAGES'] ?? '', `${name}.tar`);
  const root = mkdtempSync(join(tmpdir(), 'podrole-image-'));
  chmodSync(root, 0o755);
  const read = (file: string) =>
    JSON.parse(execFileSync('tar', ['-xOf', archive, file], { encoding: 'utf8' }));
  const [manifest] = asArray(read('manifest.json')) ?? [];
  const { Config, Layers } = asObject(manifest) ?? {};
  for (const layer of asArray(Layers) ?? [])
    execFileSync('sh', [
      '-euc',
      'tar -xOf "$1" "$2" | tar -xpf - -C "$3"',
      'sh',
      archive,
      String(layer),
      root,
    ]);
  // Kubelet adds one to every container.
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  const config = asObject(asObject(read(String(Config)))?.['config']) ?? {};
  const start: OpenImage['start'] = (command, confinement) => enter(root, config, command, confinement);
  return {
    root,
    size: Number(execFileSync('du', ['-sb', root], { encoding: 'utf8' }).split('\t')[0]),
    config,
    start,
    run: async (command, confinement) => {
      const child = start(command, confinement);
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      return { code, stdout, stderr };
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

function enter(
  root: string,
  config: JsonObject,
  command: readonly string[],
  { userId, capabilities = [], ownNetwork = false, env = {} }: Confinement,
): Child {
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', ...(ownNetwork ? ['--net'] : [])];
  // chroot and the change of user need these three; a user other than root loses them.
  const bounding = ['-all', '+sys_chroot', '+setuid', '+setgid', ...capabilities.map((one) => `+${one}`)];
  const variables = (asArray(config['Env']) ?? []).map((one) => String(one).split('=', 2));
  return spawn(
    'unshare',
    [
      ...[...namespaces, 'sh', '-euc', ENTER, 'sh', root],
      ...['setpriv', '--no-new-privs', '--inh-caps=-all', `--bounding-set=${bounding.join(',')}`],
      ...['chroot', `--userspec=${userId}:${userId}`, '--groups=', '.', ...command],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...Object.fromEntries(variables), ...env } },
  );
}

/** Returns the program that `start` started, by its process id outside the container. */
export function processOf(child: Child): number {
  return Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'));
}
