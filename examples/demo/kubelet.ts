import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Pod } from '../../testing/admission/admission.ts';
import type { Cluster } from './cluster.ts';

/** A token of a pod: its path in the container, and its audience and lifetime. */
interface Projection {
  readonly file: string;
  readonly audience: string;
  readonly expirationSeconds: number;
}

/** The facts that kubelet has about a pod that is ready to start. */
interface ProjectedPod {
  readonly command: readonly string[];
  /** Variables of its container. */
  readonly environment: Readonly<Record<string, string>>;
  readonly projection: Projection;
  /** `sub` of its token. */
  readonly subject: string;
}

interface Ending {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const examples = fileURLToPath(new URL('../', import.meta.url));

/** Has a pod admitted, and writes its token to the path in the patch. */
export async function createPod({ admit, issuer }: Cluster, manifest: Pod): Promise<ProjectedPod> {
  const pod = await admit(manifest);
  const projection = projectionOf(pod);
  if (!projection) throw new Error('the webhook gave the pod no token volume');
  const subject = `system:serviceaccount:${pod.metadata.namespace}:${pod.spec.serviceAccountName}`;
  await mkdir(dirname(projection.file), { recursive: true });
  const token = await issuer.mint(subject, projection.audience, projection.expirationSeconds);
  await writeFile(projection.file, token, { mode: 0o600 });
  const { command = [], env = [] } = pod.spec.containers[0] ?? {};
  const environment = Object.fromEntries(env.map(({ name, value = '' }) => [name, value]));
  return { command, environment, projection, subject };
}

/** Runs a pod's command in a separate process, which sees only the pod's variables and the given ones. */
export async function runCommand(
  { command: [, ...args], environment }: ProjectedPod,
  variables: Readonly<Record<string, string>>,
): Promise<Ending> {
  const env = { ...environment, ...variables };
  const child = spawn(process.execPath, args, { cwd: examples, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exitCode: child.exitCode, stdout: stdout.trim(), stderr: stderr.trim() };
}

function projectionOf({ spec }: Pod): Projection | undefined {
  for (const { name, projected } of spec.volumes ?? []) {
    const token = projected?.sources[0]?.serviceAccountToken;
    const mount = spec.containers[0]?.volumeMounts?.find((candidate) => candidate.name === name);
    if (token && mount) return { ...token, file: join(mount.mountPath, token.path) };
  }
  return undefined;
}
