import { type ClusterNames, clusterNames } from '../../../kubernetes/connect.ts';
import { type Fault, throwIfAny } from '../../../lib/errors.ts';
import type { Env } from '../../../lib/surroundings.ts';
import { printable } from '../../../lib/text/printable.ts';
import type { BindSettings } from '../../settings.ts';
import type { EksctlCluster } from '../bindings-file/eksctl/eksctl-file.ts';
import type { AskedBindings } from '../bindings-file/read-files.ts';
import { type ClusterIdentity, clusterOfKubeconfig } from './cluster-of-kubeconfig.ts';

const GO_ON = 'or give --any-cluster to bind in this one';

interface GuardSettings
  extends Pick<BindSettings, 'anyCluster' | 'clusterName' | 'issuer' | 'kubeconfig' | 'context' | 'kubeApi'> {
  /** The run asks the cluster for nothing but its issuer. */
  readonly isOffline: boolean;
}

/**
 * Refuses files of eksctl for another cluster than the one that the run works in, without a call to it.
 * @returns notes on clusters that could not be compared
 * @throws PodroleError `WRONG_CLUSTER`; `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function guardCluster(
  settings: GuardSettings,
  { clusters, bindings }: Pick<AskedBindings, 'clusters' | 'bindings'>,
  env: Env,
): readonly string[] {
  if (settings.anyCluster || clusters.length === 0) return [];
  throwIfAny(clusters.flatMap((cluster) => nameFaults(cluster, settings.clusterName)));
  const usesCluster =
    settings.issuer === undefined || (!settings.isOffline && bindings.some(({ roleOnly }) => !roleOnly));
  if (!usesCluster) return [];
  throwIfAny(differentClusters(clusters));
  const names = clusterNames(settings, env);
  const found = clusterOfKubeconfig(names);
  throwIfAny(clusters.flatMap((cluster) => contextFaults(cluster, names, found)));
  return clusters.filter((cluster) => !isCompared(cluster, names, found)).map(noteOf);
}

function nameFaults({ name, place }: EksctlCluster, clusterName: string | undefined): readonly Fault[] {
  if (clusterName === undefined || clusterName === name) return [];
  const problem = `is ${clusterName}, but ${place} is ${name}`;
  const remedy = 'leave it out, or give --any-cluster if it is for another cluster';
  return [{ code: 'WRONG_CLUSTER', object: '--cluster-name', problem, remedy }];
}

/** One run works in one cluster. */
function differentClusters([first, ...others]: readonly EksctlCluster[]): readonly Fault[] {
  return others
    .filter(({ name, region }) => first && (name !== first.name || region !== first.region))
    .map((other) => ({
      code: 'WRONG_CLUSTER',
      object: other.place,
      problem: `is ${describe(other)}, but ${first?.place} is ${first && describe(first)}`,
      remedy: 'bind each cluster in a run of its own, or give --any-cluster',
    }));
}

function contextFaults(
  { name, region, place }: EksctlCluster,
  { context, cluster }: ClusterNames,
  found: ClusterIdentity,
): readonly Fault[] {
  const isOther =
    (found.name !== undefined && found.name !== name && cluster !== name && context !== name) ||
    (found.region !== undefined && region !== undefined && found.region !== region);
  if (!isOther) return [];
  const problem = `is ${describe({ name, region })}, but context ${context} of the kubeconfig is of ${describe(found)}`;
  const remedy = `name the context of that cluster with --context, ${GO_ON}`;
  return [{ code: 'WRONG_CLUSTER', object: place, problem, remedy }];
}

function isCompared(
  { name }: EksctlCluster,
  { context, cluster }: ClusterNames,
  found: ClusterIdentity,
): boolean {
  return found.name !== undefined || context === name || cluster === name;
}

function noteOf({ name, place }: EksctlCluster): string {
  return printable(`${place}: ${name} is not compared with the kubeconfig, which does not name its cluster`);
}

function describe({ name = 'an unknown cluster', region }: ClusterIdentity): string {
  return region === undefined ? name : `${name} in ${region}`;
}
