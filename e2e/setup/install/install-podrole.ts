import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ControlPlane } from '../../cluster/control-plane.ts';

const MANIFESTS = fileURLToPath(new URL('../../../manifests/', import.meta.url));
export const NAMESPACE = 'podrole';
const DEPLOYMENT = 'podrole-webhook';

export interface Installation {
  /** Name of an overlay in manifests/overlays; default: `default`. */
  readonly overlay?: string;
  /** Names of components in manifests/components. */
  readonly components?: readonly string[];
  /** Replaces the image tag of the manifests. */
  readonly tag?: string;
  /** Patches of the manifests, as kustomization.yaml has them. */
  readonly patches?: readonly object[];
  /** Options of `kubectl apply`. */
  readonly apply?: readonly string[];
}

/**
 * Installs podrole as docs/install.md describes: an overlay with settings, over a shipped overlay. Resolves
 * when the rollout is complete.
 * @param settings variables of podrole webhook, by name
 * @throws an error with kubectl's message
 */
export async function installPodrole(
  cluster: Pick<ControlPlane, 'kubectl'>,
  settings: Readonly<Record<string, string>> = {},
  { overlay = 'default', components = [], tag, patches = [], apply = [] }: Installation = {},
): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-overlay-'));
  try {
    await mkdir(path.join(folder, 'deploy'));
    const shipped = (kind: string, name: string) =>
      path.relative(path.join(folder, 'deploy'), path.join(MANIFESTS, kind, name));
    const literals = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const generator = { name: 'podrole-webhook-settings', namespace: NAMESPACE, behavior: 'merge', literals };
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [shipped('overlays', overlay)],
      ...(components.length > 0 ? { components: components.map((name) => shipped('components', name)) } : {}),
      ...(tag === undefined ? {} : { images: [{ name: 'podrole', newTag: tag }] }),
      ...(literals.length > 0 ? { configMapGenerator: [generator] } : {}),
      ...(patches.length > 0 ? { patches } : {}),
    };
    await writeFile(path.join(folder, 'deploy', 'kustomization.yaml'), JSON.stringify(kustomization));
    await expectKubectl(cluster, ['apply', ...apply, '-k', path.join(folder, 'deploy')]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await waitForRollout(cluster);
}

/** A kubectl command waits for at most a minute; on two busy cores, a rollout usually takes less. */
const WATCH_SECONDS = 55;
const WATCHES = 4;

/**
 * Resolves when all replicas of the newest revision are ready.
 * @throws an error with the states of the pods and their last log lines
 */
export async function waitForRollout(cluster: Pick<ControlPlane, 'kubectl'>): Promise<void> {
  const status = [
    'rollout',
    'status',
    `deployment/${DEPLOYMENT}`,
    '-n',
    NAMESPACE,
    `--timeout=${WATCH_SECONDS}s`,
  ];
  let stderr = '';
  for (let attempt = 0; attempt < WATCHES; attempt += 1) {
    const result = await cluster.kubectl(status);
    if (result.code === 0) return;
    stderr = result.stderr;
  }
  const pods = await cluster.kubectl(['get', 'pods', '-n', NAMESPACE, '-o', 'wide']);
  const logs = await cluster.kubectl([
    'logs',
    '-n',
    NAMESPACE,
    `deployment/${DEPLOYMENT}`,
    '--all-pods',
    '--tail=10',
  ]);
  throw new Error([stderr, pods.stdout, logs.stdout, logs.stderr].join('\n'));
}

/** Runs kubectl. @returns its output @throws an error with its output when it fails */
export async function expectKubectl(
  cluster: Pick<ControlPlane, 'kubectl'>,
  args: readonly string[],
  options: { input?: string } = {},
): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(args, options);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}
