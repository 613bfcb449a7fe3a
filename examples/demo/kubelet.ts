import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Pod } from '../../testing/admission.ts';

/** A projected token of a pod: where its container finds it, and what it has to say. */
export interface Projection {
  readonly file: string;
  readonly audience: string;
  readonly expirationSeconds: number;
}

export interface Ending {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const examples = fileURLToPath(new URL('../', import.meta.url));

/** The token projection of a patched pod, as its first container mounts it; undefined where it has none. */
export function projectionOf({ spec }: Pod): Projection | undefined {
  for (const { name, projected } of spec.volumes ?? []) {
    const token = projected?.sources[0]?.serviceAccountToken;
    const mount = spec.containers[0]?.volumeMounts?.find((candidate) => candidate.name === name);
    if (token && mount) return { ...token, file: join(mount.mountPath, token.path) };
  }
  return undefined;
}

/** Variables of the pod's first container. */
export function environmentOf({ spec }: Pod): Readonly<Record<string, string>> {
  return Object.fromEntries((spec.containers[0]?.env ?? []).map(({ name, value = '' }) => [name, value]));
}

export async function project(token: string, { file }: Projection): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, token, { mode: 0o600 });
}

/** Runs the command of the pod's first container as a process of its own that sees only the given environment. */
export async function runPod({ spec }: Pod, env: Readonly<Record<string, string>>): Promise<Ending> {
  const [, ...args] = spec.containers[0]?.command ?? [];
  const child = spawn(process.execPath, args, { cwd: examples, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exitCode: child.exitCode, stdout: stdout.trim(), stderr: stderr.trim() };
}
