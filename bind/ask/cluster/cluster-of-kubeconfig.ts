import type { ClusterNames } from '../../../kubernetes/connect.ts';

/** Name and region of a cluster, as far as a kubeconfig says them. */
export interface ClusterIdentity {
  readonly name: string | undefined;
  readonly region: string | undefined;
}

const UNKNOWN: ClusterIdentity = { name: undefined, region: undefined };

/** kubeadm gives this name to every cluster whose configuration has none. */
const NAME_OF_KUBEADM = 'kubernetes';

/** Beginnings of the contexts that a tool writes, before the name of the cluster. */
const PREFIXES = ['kind-', 'k3d-', 'kubernetes-admin@', 'kubernetes-super-admin@'];

/**
 * Returns the cluster that a kubeconfig names in the forms of eksctl, the AWS CLI, kubeadm, kind and k3d. The
 * entry of the cluster counts before the context, which people rename. Other names, such as `prod`, may be of
 * any cluster.
 */
export function clusterOfKubeconfig({ context, cluster, server }: ClusterNames): ClusterIdentity {
  const { name, region } = [identityIn(cluster), identityIn(context)].find(isNamed) ?? UNKNOWN;
  return { name, region: region ?? regionOfServer(server) };
}

function identityIn(text: string): ClusterIdentity {
  return identityInArn(text) ?? identityOfEksctl(text) ?? identityBehindPrefix(text) ?? UNKNOWN;
}

/** `arn:aws:eks:REGION:ACCOUNT:cluster/NAME`, of the AWS CLI. */
function identityInArn(text: string): ClusterIdentity | undefined {
  const [arn, , service, region, , resource = '', ...more] = text.split(':');
  const isOfEks = arn === 'arn' && service === 'eks' && resource.startsWith('cluster/') && more.length === 0;
  return isOfEks ? { name: resource.slice('cluster/'.length), region } : undefined;
}

/** `USER@NAME.REGION.eksctl.io`, of eksctl; the cluster's entry has no user. */
function identityOfEksctl(text: string): ClusterIdentity | undefined {
  const [name, region, ...domain] = text.slice(text.lastIndexOf('@') + 1).split('.');
  return region && domain.join('.') === 'eksctl.io' ? { name, region } : undefined;
}

function identityBehindPrefix(text: string): ClusterIdentity | undefined {
  const prefix = PREFIXES.find((each) => text.startsWith(each));
  const name = prefix === undefined ? '' : text.slice(prefix.length);
  return name === '' || name === NAME_OF_KUBEADM ? undefined : { name, region: undefined };
}

/** `https://HASH.gr7.REGION.eks.amazonaws.com`, or `https://HASH.gr7.eks-cluster.REGION.api.aws`. */
function regionOfServer(server: string): string | undefined {
  const labels = URL.parse(server)?.hostname.split('.') ?? [];
  const [, , third, fourth, ...rest] = labels;
  if (fourth === 'eks' && ['amazonaws.com', 'amazonaws.com.cn'].includes(rest.join('.'))) return third;
  return third === 'eks-cluster' && rest.join('.') === 'api.aws' ? fourth : undefined;
}

function isNamed({ name }: ClusterIdentity): boolean {
  return name !== undefined && name !== '';
}
