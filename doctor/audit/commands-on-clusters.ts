import type { Remedy } from '../chain/finding.ts';
import { onCluster } from '../render/same-cluster.ts';
import type { AuditModel } from './model.ts';
import type { AuditSettings } from './settings.ts';

/**
 * Returns an audit whose commands act on the cluster that they are about: they get its context, and the flags
 * by which the audit itself found the kubeconfig.
 */
export function commandsOnClusters(
  model: AuditModel,
  { kubeconfig, kubeApi }: Pick<AuditSettings, 'kubeconfig' | 'kubeApi'>,
): AuditModel {
  const changes = new Map(
    model.clusters.map(({ context }) => [
      context,
      onCluster({ kubeconfig, kubeApi, context: context || undefined }),
    ]),
  );
  const change = (cluster: string | undefined, remedy: Remedy): Remedy => {
    const ofCluster = changes.get(cluster ?? '\n');
    return ofCluster ? { ...remedy, commands: remedy.commands.map(ofCluster) } : remedy;
  };
  return {
    ...model,
    findings: model.findings.map((finding) => ({
      ...finding,
      remedy: change(finding.cluster, finding.remedy),
    })),
    chains: model.chains.map((chain) => ({
      ...chain,
      findings: chain.findings.map((finding) =>
        finding.remedy ? { ...finding, remedy: change(chain.cluster, finding.remedy) } : finding,
      ),
    })),
  };
}
