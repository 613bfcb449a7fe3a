import type { ApiClient } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { asArray, asObject, asText } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';

/** Who set the cluster up: that decides where the issuer is set. */
export type ClusterKind = 'eks' | 'k3s' | 'rke2' | 'kind' | 'minikube' | 'kops' | 'kubeadm' | 'unknown';

/** Best guess from what the API server shows; reads that it refuses are left out. */
export async function findClusterKind(
  gitVersion: string,
  cluster: ApiClient,
  signal: AbortSignal,
): Promise<ClusterKind> {
  const [, build] = /[+-](k3s|rke2|eks)/.exec(gitVersion) ?? [];
  if (build) return build as ClusterKind;
  const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
  const nodes = await cluster.get(`${apiPath('/api/v1', 'nodes')}?limit=1`, limits);
  const node = asArray(asObject(nodes.body)?.['items'])?.[0];
  const labels = Object.keys(asObject(metadataOf(node)?.['labels']) ?? {}).join(' ');
  const provider = asText(asObject(asObject(node)?.['spec'])?.['providerID']) ?? '';
  if (provider.startsWith('kind:')) return 'kind';
  if (labels.includes('minikube.k8s.io/')) return 'minikube';
  if (labels.includes('kops.k8s.io/')) return 'kops';
  const path = apiPath('/api/v1', 'namespaces', 'kube-system', 'configmaps', 'kubeadm-config');
  const kubeadm = await cluster.get(path, limits);
  return kubeadm.status === 200 ? 'kubeadm' : 'unknown';
}
