import type { IAMClient } from '@aws-sdk/client-iam';
import type { ApiClient } from '../kubernetes/api-client.ts';
import { type ClusterNames, clusterNames, connect } from '../kubernetes/connect.ts';
import type { ClusterChoice } from '../kubernetes/kube-config.ts';
import type { AccountSettings } from './iam/find-account.ts';
import { openIam } from './iam/open-iam.ts';
import type { BindSurroundings } from './surroundings.ts';

/** Both systems that the commands of this room read and write. */
export interface IamAndCluster {
  readonly iam: IAMClient;
  /** Opens the cluster at the first call, and returns the same client afterwards. */
  readonly cluster: () => ApiClient;
  /** Returns the names of the cluster if it was opened. */
  readonly openedCluster: () => ClusterNames | undefined;
}

/**
 * Opens IAM for the partition of the settings, and the cluster when it is first asked for. Closes both after
 * their use.
 * @throws PodroleError what openIam and connect throw, and what the use throws
 */
export async function withIamAndCluster<Result>(
  settings: ClusterChoice & AccountSettings,
  env: BindSurroundings['env'],
  use: (opened: IamAndCluster) => Promise<Result>,
): Promise<Result> {
  let client: ApiClient | undefined;
  const cluster = () => {
    client ??= connect(settings, env);
    return client;
  };
  const iam = await openIam(settings.partition, env);
  try {
    const openedCluster = () => (client ? clusterNames(settings, env) : undefined);
    return await use({ iam, cluster, openedCluster });
  } finally {
    iam.destroy();
    client?.close();
  }
}
