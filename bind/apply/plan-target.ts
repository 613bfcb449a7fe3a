import type { ClusterNames } from '../../kubernetes/connect.ts';
import { isMadeUp } from '../../kubernetes/kube-config.ts';
import { MINIO_PARTITION } from '../../lib/contract/iam.ts';
import { printable } from '../../lib/text/printable.ts';
import type { AwsAccount } from '../iam/account.ts';

/** Systems that a plan is for. */
export interface PlanTarget {
  /** Undefined if the run needs no cluster. */
  readonly cluster: (ClusterNames & { readonly version?: string }) | undefined;
  readonly account: AwsAccount;
  readonly issuer: string;
}

/** Describes the systems in a line each: a plan for the wrong cluster or account is seen at once. */
export function describeTarget({ cluster, account, issuer }: PlanTarget): readonly string[] {
  const lines = [
    `cluster: ${cluster ? describeCluster(cluster) : 'not used'}`,
    `account: ${describeAccount(account)}`,
    `issuer:  ${issuer}`,
  ];
  return lines.map(printable);
}

function describeCluster({ context, cluster, server, version }: NonNullable<PlanTarget['cluster']>): string {
  const host = `${URL.parse(server)?.host ?? 'unknown host'}${version === undefined ? '' : `, Kubernetes ${version}`}`;
  if (isMadeUp(context)) return `API server ${host}`;
  const named = cluster === context ? '' : `, cluster ${cluster}`;
  return `context ${context}${named}, API server ${host}`;
}

function describeAccount({ accountId, partition }: AwsAccount): string {
  if (partition === MINIO_PARTITION) return 'none, the roles are of MinIO';
  return `${accountId || 'none, the default tenant'}, partition ${partition}`;
}
