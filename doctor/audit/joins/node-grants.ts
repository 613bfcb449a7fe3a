import { parseRoleArn } from '../../../lib/arn.ts';
import type { AuditJudgement, AuditPod, ClusterAuditFacts, MetadataProbe } from '../facts/audit-facts.ts';
import type { JoinedGrant } from '../model.ts';
import type { IamIndex, Judged } from './judge-grant.ts';
import { podRoleReader } from './pod-role.ts';
import { accountKey, someNames } from './pods-of.ts';

/** Roles of the instance profiles of a cluster's nodes, as far as they are known. */
export function nodeRoleArns({ nodes }: ClusterAuditFacts, settings: AuditJudgement): readonly string[] {
  return nodes.onEc2 > 0 || nodes.count === 0
    ? [...new Set([...nodes.roleArns, ...settings.nodeRoleArns])]
    : [];
}

/** Returns the grants that instance metadata of the nodes gives to pods: one per ServiceAccount and role. */
export function nodeGrants(cluster: ClusterAuditFacts, settings: AuditJudgement): readonly JoinedGrant[] {
  const roles = nodeRoleArns(cluster, settings);
  if (roles.length === 0) return [];
  const exposed = cluster.pods.filter(({ isRedirected }) => !isRedirected);
  const byAccount = Map.groupBy(exposed, ({ namespace, serviceAccount }) =>
    accountKey(namespace, serviceAccount),
  );
  return [...byAccount.values()].flatMap((pods) => {
    const [{ namespace = '', serviceAccount = '' } = {}] = pods;
    const hasAgent = cluster.agents.some(({ kind }) => kind === 'podrole-agent');
    const judged = judgeMetadata(pods, cluster.metadataProbe, hasAgent);
    return roles.map((roleArn) => ({
      kind: 'node-profile' as const,
      cluster: cluster.context,
      namespace,
      serviceAccount,
      container: undefined,
      roleArn,
      pods: someNames(pods),
      ...judged,
    }));
  });
}

function judgeMetadata(
  pods: readonly AuditPod[],
  probe: MetadataProbe | undefined,
  hasAgent: boolean,
): Judged {
  if (pods.some(({ hostNetwork }) => hostNetwork))
    return { verdict: 'allowed', reasons: ['a pod of it is in the network of its node'] };
  if (probe && isReachable(probe))
    return { verdict: 'allowed', reasons: ['a pod reached the instance metadata of its node'] };
  if (hasAgent && !probe)
    return {
      verdict: 'restricted',
      reasons: ['only on nodes without podrole agent, which refuses them to pods'],
    };
  if (!probe || probe.v1.state === 'unknown' || probe.v2.state === 'unknown')
    return {
      verdict: 'restricted',
      reasons: ['if pods reach the instance metadata of their node, which --probe-metadata tries'],
    };
  // One pod, on one node, in a namespace that may have its own rules of the network.
  return {
    verdict: 'restricted',
    reasons: ['a pod did not reach the instance metadata of its node; other namespaces and nodes may differ'],
  };
}

/** True if a pod can get credentials: v1 answers without a token, or v2 gives out a token. */
export function isReachable({ v1, v2 }: MetadataProbe): boolean {
  return [v1, v2].some((answer) => answer.state === 'reachable' && answer.status < 300);
}

/** Returns the grants that kube2iam or kiam give by annotation, to pods without a token for the role. */
export function kube2iamGrants(
  cluster: ClusterAuditFacts,
  iam: IamIndex,
  settings: AuditJudgement,
): readonly JoinedGrant[] {
  const roleOf = podRoleReader(iam, settings);
  const agents = cluster.agents.filter(({ kind }) => kind === 'kube2iam' || kind === 'kiam');
  const grants = new Map<string, { readonly grant: JoinedGrant; readonly pods: AuditPod[] }>();
  for (const pod of cluster.pods) {
    const roleArn = roleOf(pod);
    // Those that have a token for it are podrole's.
    if (roleArn === undefined || pod.roles.some((role) => role.roleArn === roleArn)) continue;
    const { namespace, serviceAccount } = pod;
    const key = `${accountKey(namespace, serviceAccount)} ${roleArn}`;
    const known = grants.get(key);
    if (known) {
      known.pods.push(pod);
      continue;
    }
    const judged = judgeKube2iam(roleArn, agents.length > 0, iam);
    const grant = { kind: 'kube2iam' as const, cluster: cluster.context, namespace, serviceAccount };
    grants.set(key, {
      grant: { ...grant, container: undefined, roleArn, given: pod.kube2iamRole, pods: [], ...judged },
      pods: [pod],
    });
  }
  return [...grants.values()].map(({ grant, pods }) => ({ ...grant, pods: someNames(pods) }));
}

function judgeKube2iam(roleArn: string, hasAgent: boolean, { roles, account }: IamIndex): Judged {
  if (!hasAgent)
    return { verdict: 'refused', reasons: ['neither kube2iam nor kiam was found in the cluster'] };
  const isOwnAccount = parseRoleArn(roleArn)?.account === account?.accountId;
  if (roles && isOwnAccount && !roles.has(roleArn))
    return { verdict: 'refused', reasons: ['IAM has no such role'] };
  return { verdict: 'restricted', reasons: ['if the role trusts the role of kube2iam or kiam'] };
}
