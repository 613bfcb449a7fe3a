import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { waitFor } from '../../../testing/wait-for.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { expectKubectl } from './install-podrole.ts';
import { MANIFESTS } from './manifest-renderers.ts';

export const AGENT_NAMESPACE = 'podrole-agent';
const DAEMON_SET = ['daemonset/podrole-agent', '-n', AGENT_NAMESPACE] as const;

/** Time for a start of both containers on a busy machine. */
const ROLLOUT_MS = 180_000;

/**
 * Installs the agent as docs/agent.md describes: an overlay with settings, over the shipped one. Resolves
 * when each node has its agent.
 * @param settings variables of podrole agent, by name
 */
export async function installAgent(
  cluster: Pick<ControlPlane, 'kubectl'>,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-agent-overlay-'));
  try {
    const literals = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [path.relative(folder, path.join(MANIFESTS, 'overlays/agent'))],
      configMapGenerator: [
        { name: 'podrole-agent-settings', namespace: AGENT_NAMESPACE, behavior: 'merge', literals },
      ],
    };
    await writeFile(path.join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    await expectKubectl(cluster, ['apply', '-k', folder]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await waitForAgents(cluster);
}

/** Resolves when each node has an agent of the newest revision. @throws an error with what they say */
export async function waitForAgents(cluster: Pick<ControlPlane, 'kubectl'>): Promise<void> {
  const isOut = async () => {
    const { code } = await cluster.kubectl(['rollout', 'status', ...DAEMON_SET, '--timeout=20s']);
    return code === 0;
  };
  await waitFor(isOut, 'agent on each node', ROLLOUT_MS).catch(async (thrown) => {
    const said = await Promise.all([
      cluster.kubectl(['describe', 'pods', '-n', AGENT_NAMESPACE]),
      cluster.kubectl(['logs', ...DAEMON_SET, '--all-containers', '--tail=20']),
    ]);
    throw new Error(said.flatMap(({ stdout, stderr }) => [stdout, stderr]).join('\n'), { cause: thrown });
  });
}
