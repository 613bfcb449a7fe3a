import path from 'node:path';
import { type NodeCluster, startNodeCluster } from '../../node/node-cluster.ts';
import { type AwsForPods, type Subject, startAwsForPods } from '../aws/aws-for-pods.ts';
import { ISSUER } from '../aws/publisher.ts';
import { installPodrole } from './install-podrole.ts';

/** Names of the images that e2e/images/build makes besides podrole's. */
export const APP_IMAGE = { boto2: 'app-boto2:1', sdk: 'app-sdk:1' } as const;
const ARCHIVES = { boto2: 'boto2.tar', sdk: 'sdk.tar' } as const;

/** Region of the pods, which run outside AWS. */
const REGION = 'us-east-1';

/** A cluster with a node and an AWS that its pods reach. podrole is installed with kubectl. */
interface NodeSite {
  readonly cluster: NodeCluster;
  readonly aws: AwsForPods;
  /** Start time of each part, as lines for t.diagnostic. */
  readonly stages: readonly string[];
  stop(): Promise<void>;
}

/**
 * @param apps images that the node gets besides podrole's
 * @param subjects ServiceAccounts that the STS has a role for
 */
export async function startNodeSite(
  apps: readonly (keyof typeof ARCHIVES)[],
  subjects: readonly Subject[],
): Promise<NodeSite> {
  const stages: string[] = [];
  const timed = async <T>(stage: string, work: Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work;
    stages.push(`${stage}: ${Math.round(performance.now() - began)} ms`);
    return result;
  };
  const folder = process.env['PODROLE_E2E_IMAGES'] ?? '';
  const images = ['pause.tar', 'podrole.tar', ...apps.map((app) => ARCHIVES[app])].map((archive) =>
    path.join(folder, archive),
  );
  const cluster = await timed('cluster with a node', startNodeCluster({ issuer: ISSUER, images }));
  const [aws, install] = await Promise.allSettled([
    timed('radosgw, STS and publisher', startAwsForPods(cluster, cluster.address, subjects)),
    timed('kubectl apply and rollout', installPodrole(cluster, { PODROLE_AWS_REGION: REGION })),
  ]);
  const stop = async () => {
    await cluster.stop();
    if (aws.status === 'fulfilled') await aws.value.stop();
  };
  if (aws.status === 'fulfilled' && install.status === 'fulfilled') {
    return { cluster, aws: aws.value, stages, stop };
  }
  await stop();
  const reasons = [aws, install].flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  throw new AggregateError(reasons, 'the cluster with podrole and its AWS did not come up');
}
