import { shellWord } from '../../../lib/text/shell-word.ts';
import { contextName } from '../context-name.ts';
import type { AuditCode } from '../explanations/audit-code.ts';
import type { AuditFacts, AuditProvider, ClusterAuditFacts, MetadataAnswer } from '../facts/audit-facts.ts';
import { isReachable, nodeRoleArns } from '../joins/node-grants.ts';
import { accountKey } from '../joins/pods-of.ts';
import type { AuditFinding } from '../model.ts';
import { auditFinding, joinNames } from './make-finding.ts';

/** Returns the findings about nodes, static keys and providers. */
export function clusterFindings(facts: AuditFacts): readonly AuditFinding[] {
  return [
    ...facts.clusters.flatMap((cluster) => [
      ...nodeFindings(cluster, nodeRoleArns(cluster, facts.settings), facts.iam.instanceProfileRoleArns),
      ...hostNetworkFindings(cluster),
      ...keyFindings(cluster),
    ]),
    ...(facts.iam.providers ?? []).flatMap(deadProvider),
  ];
}

function nodeFindings(
  cluster: ClusterAuditFacts,
  roles: readonly string[],
  candidates: readonly string[] = [],
): readonly AuditFinding[] {
  const { context, nodes, metadataProbe: probe } = cluster;
  const object = `nodes of cluster ${contextName(context)}`;
  const which = roles.length > 0 ? `: ${joinNames(roles)}` : '';
  const make = (code: AuditCode, text: string, remedy: AuditFinding['remedy']) => [
    auditFinding(code, { cluster: context, object, text, remedy }),
  ];
  const block = {
    text: 'require IMDSv2 with a hop limit of 1, or block 169.254.169.254 for pods; docs/node-metadata.md has both',
    commands: [],
  };
  if (probe && isReachable(probe)) {
    const answers = `IMDSv1 ${describeAnswer(probe.v1)}, IMDSv2 ${describeAnswer(probe.v2)}`;
    return make('NODE_ROLE_REACHABLE', `give their role to every pod${which}; ${answers}`, block);
  }
  const isJudged = probe !== undefined && probe.v1.state !== 'unknown' && probe.v2.state !== 'unknown';
  if (isJudged) return [];
  if (roles.length > 0) {
    const commands = [`podrole audit --probe-metadata`];
    return make('NODE_ROLE', `may give their role to every pod${which}`, { ...block, commands });
  }
  if (nodes.onEc2 === 0) return [];
  const possible =
    candidates.length > 0 ? `; instance profiles of the account have ${joinNames(candidates)}` : '';
  const text = `are in EC2 (${nodes.onEc2} of ${nodes.count}), with a role that is not known${possible}`;
  return make('NODE_ROLE_UNKNOWN', text, {
    text: 'name the role of their instance profile by --node-role',
    commands: [],
  });
}

function describeAnswer(answer: MetadataAnswer): string {
  if (answer.state === 'reachable') return `answered ${answer.status}`;
  return answer.state === 'unknown' ? 'is unknown' : `did not answer (${answer.state})`;
}

/** The agents of the cluster itself need the network of the node. */
const OWN_NAMESPACE = 'kube-system';

function hostNetworkFindings({ context, nodes, pods }: ClusterAuditFacts): readonly AuditFinding[] {
  if (nodes.onEc2 === 0) return [];
  const exposed = pods.filter(({ hostNetwork, namespace }) => hostNetwork && namespace !== OWN_NAMESPACE);
  const byAccount = Map.groupBy(exposed, (pod) => accountKey(pod.namespace, pod.serviceAccount));
  return [...byAccount].map(([key, found]) =>
    auditFinding('HOST_NETWORK_POD', {
      cluster: context,
      namespace: found[0]?.namespace,
      object: `ServiceAccount ${key}`,
      text: `has pods in the network of their nodes, with the roles of the nodes: ${joinNames(found.map(({ name }) => name))}`,
      remedy: { text: 'remove hostNetwork, if the pods can do without it', commands: [] },
    }),
  );
}

function keyFindings({ context, keys }: ClusterAuditFacts): readonly AuditFinding[] {
  return keys.map(({ kind, namespace, name, place, maskedKeyId, hasSecret }) =>
    auditFinding(hasSecret ? 'STATIC_KEY' : 'STATIC_KEY_ID', {
      cluster: context,
      namespace,
      object: `${kind} ${namespace}/${name}`,
      text: `has the static key ${maskedKeyId}${hasSecret ? ' with what looks like its secret' : ''} in ${place}`,
      remedy: {
        text: 'give the ServiceAccount a role by podrole bind, remove the key here, then delete it in IAM',
        commands: [],
      },
    }),
  );
}

function deadProvider({ arn, issuer, served }: AuditProvider): readonly AuditFinding[] {
  if (typeof served === 'string') return [];
  return [
    auditFinding('DEAD_PROVIDER', {
      object: `OIDC provider ${arn}`,
      text: `has an issuer that no audited cluster has, and whose discovery document cannot be fetched: ${served.no}`,
      remedy: {
        text: 'delete it if its cluster is gone; podrole refuses as long as a role trusts it',
        commands: [`podrole provider delete --issuer ${shellWord(issuer)} --approve`],
      },
    }),
  ];
}
