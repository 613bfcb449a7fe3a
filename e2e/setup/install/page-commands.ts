import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandResult, runCommand } from '../../cluster/run-command.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Pages call the tool `podrole`, as on a reader's PATH. Here that is the bundle of this checkout. */
const PODROLE = `shopt -s expand_aliases; alias podrole='node "${ROOT}dist/podrole.js"'`;
/** Processes that the commands leave running end with their shell. */
const END_JOBS = `trap 'jobs -p | xargs --no-run-if-empty kill; wait' EXIT`;

type PageWay =
  | 'cluster'
  | 'helm'
  | 'issuer'
  | 'ceph'
  | 'minio'
  | 'docker'
  | 'compose'
  | `migrate${'' | '-undo-trust' | '-undo-switch'}`;

/**
 * Returns the commands of a page of docs/ that are for a cluster, one block each, unchanged; or its commands
 * for something else.
 */
export async function commandsOf(page: string, way: PageWay = 'cluster'): Promise<string[]> {
  const content = await readFile(path.join(ROOT, 'docs', page), 'utf8');
  const blocks = content.matchAll(new RegExp(`^( *)\`\`\`sh ${way}\n(.*?)^\\1\`\`\`$`, 'gms'));
  return [...blocks].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trim(),
  );
}

interface Checkout {
  readonly folder: string;
  remove(): Promise<void>;
}

/** The part of a checkout that the commands use. It is a copy, because they write files. */
export async function copyCheckout(): Promise<Checkout> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-checkout-'));
  for (const name of ['dist', 'examples']) await symlink(path.join(ROOT, name), path.join(folder, name));
  // Kustomize resolves links, and `../..` from the target would be another checkout.
  await cp(path.join(ROOT, 'manifests'), path.join(folder, 'manifests'), { recursive: true });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Runs commands in one shell, as a reader types them; the first failure ends the shell.
 * @param folder working folder, a checkout
 * @param home an empty folder, or the checkout itself
 * @param env the shell's environment besides PATH, HOME and KUBECONFIG
 */
export function runCommands(
  commands: readonly string[],
  { folder, home = folder, kubeconfig }: { folder: string; home?: string; kubeconfig: string },
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  // Its stdin is a socket. With a socket that is still open, bash takes itself for a remote shell and reads
  // /etc/bash.bashrc, which fails with -u.
  return runCommand(
    'bash',
    ['--norc', '-euo', 'pipefail', '-c', [PODROLE, END_JOBS, ...commands].join('\n')],
    {
      cwd: folder,
      env: {
        // With kubectl and helm, before those of the machine.
        PATH: [path.dirname(process.execPath), process.env['PODROLE_E2E_BINARIES'], process.env['PATH']].join(
          path.delimiter,
        ),
        HOME: home,
        KUBECONFIG: kubeconfig,
        ...env,
      },
    },
  );
}
