import path from 'node:path';
import { findBinary } from '../../cluster/find-binary.ts';
import { succeed } from '../../cluster/run-command.ts';
import { CONTAINERD_SOCKET } from '../../node/configs.ts';
import { type NodeCluster, type NodeClusterOptions, startNodeCluster } from '../../node/node-cluster.ts';

/** Containerd's name for the image that users call podrole. */
const IMAGE = 'docker.io/library/podrole';
const VERSION = '0.1.0';

/** Two nodes that have podrole's image, without podrole installed. */
export function startPodroleNodes(options: Pick<NodeClusterOptions, 'maxPods'> = {}): Promise<NodeCluster> {
  const folder = process.env['PODROLE_E2E_IMAGES'] ?? '';
  const images = ['pause.tar', 'podrole.tar'].map((archive) => path.join(folder, archive));
  return startNodeCluster({ issuer: 'https://oidc.example.test', nodes: 2, images, ...options });
}

/** Gives the image another tag on all nodes, to act as the previous release, which does not exist. */
export async function tagImage({ nodes }: NodeCluster, tag: string): Promise<void> {
  const ctr = [findBinary('ctr', process.env['PODROLE_E2E_BINARIES']), `--address=${CONTAINERD_SOCKET}`];
  for (const node of nodes) {
    const names = [`${IMAGE}:${VERSION}`, `${IMAGE}:${tag}`];
    await succeed(`tag ${tag}`, node.run([...ctr, '--namespace=k8s.io', 'images', 'tag', ...names]));
  }
}
