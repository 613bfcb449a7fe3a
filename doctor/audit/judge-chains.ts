import { providerArnOf } from '../../bind/names.ts';
import { parseRoleArn } from '../../lib/arn.ts';
import { annotatedGrants } from '../collect/cluster/grants.ts';
import type { AwsFacts } from '../facts/aws-facts.ts';
import type { ChainFacts } from '../facts/chain-facts.ts';
import type { ClusterFacts } from '../facts/cluster-facts.ts';
import type { Reading } from '../facts/reading.ts';
import { judgeChain } from '../judge/judge-chain.ts';
import { LINKS } from '../judge/links.ts';
import { targetRoleOf } from '../workload/target-role-of.ts';
import type {
  AuditFacts,
  AuditProvider,
  AuditServiceAccount,
  ClusterAuditFacts,
} from './facts/audit-facts.ts';
import { type IamIndex, indexIam } from './joins/judge-grant.ts';
import { accountKey } from './joins/pods-of.ts';
import type { AuditedChain } from './model.ts';

/** Most judged chains: what a page can hold. */
const MAX_CHAINS = 5_000;
const NOT_ASKED = { state: 'not asked', why: 'an audit only reads lists' } as const;

/** Judges the chain of each ServiceAccount with a role, from lists alone: no token, no pod, no live call. */
export function judgeChains(facts: AuditFacts): readonly AuditedChain[] {
  const chains: AuditedChain[] = [];
  for (const chain of chainFactsOf(facts)) {
    if (chains.length >= MAX_CHAINS) break;
    const { cluster, subject, container, grant } = chain;
    chains.push({
      cluster: cluster.context,
      namespace: subject.namespace,
      serviceAccount: subject.name,
      container,
      roleArn: grant?.roleArn ?? '',
      findings: judgeChain(LINKS, chain),
    });
  }
  return chains;
}

/** Yields the facts of each role that the annotations of a ServiceAccount name. */
export function* chainFactsOf(facts: AuditFacts): Generator<ChainFacts> {
  const iam = indexIam(facts.iam);
  const { annotationPrefix, tokenAudience } = facts.settings;
  for (const cluster of facts.clusters) {
    for (const account of cluster.serviceAccounts) {
      for (const { container, grant } of annotatedGrants(account, facts.settings)) {
        if (!grant) continue;
        yield {
          collectedAt: facts.collectedAt.toISOString(),
          subject: { kind: 'serviceaccount', namespace: account.namespace, name: account.name },
          serviceAccountName: account.name,
          ...(container !== undefined && { container }),
          grant,
          settings: { annotationPrefix, tokenAudience },
          cluster: clusterFactsOf(cluster, account),
          ...(cluster.chain.issuer && { issuer: cluster.chain.issuer }),
          aws: {
            ...awsFactsOf(grant.roleArn, cluster.issuer, iam),
            ...targetFactsOf(account, { container, grant, settings: { annotationPrefix } }, iam),
          },
        };
      }
    }
  }
}

function clusterFactsOf(
  { context, chain }: ClusterAuditFacts,
  { annotatedAt, ...account }: AuditServiceAccount,
): ClusterFacts {
  const { webhooks, nodeAgents, apiServer, clockSkewSeconds, newestPods, namespaceLabels } = chain;
  const pod = newestPods.get(accountKey(account.namespace, account.name));
  const labels = namespaceLabels.state === 'read' ? namespaceLabels.value.get(account.namespace) : undefined;
  const noPod: Reading<never> = chain.hasAllPods ? { state: 'absent' } : NOT_ASKED;
  return {
    context,
    serviceAccount: {
      state: 'read',
      value: { ...account, ...(annotatedAt !== undefined && { annotatedAt }) },
    },
    namespaceLabels: labels ? { state: 'read', value: labels } : NOT_ASKED,
    pod: pod ? { state: 'read', value: pod } : noPod,
    webhooks,
    nodeAgents,
    apiServer,
    clockSkewSeconds,
    dryRun: NOT_ASKED,
    events: NOT_ASKED,
    token: NOT_ASKED,
    apiServerAcceptsToken: NOT_ASKED,
  };
}

function awsFactsOf(roleArn: string, issuer: string | undefined, iam: IamIndex): AwsFacts {
  const arn = parseRoleArn(roleArn);
  const { account, roles, providers } = iam;
  const base = {
    account: account ? ({ state: 'read', value: account } as const) : NOT_ASKED,
    providerArns: NOT_ASKED,
    roleArns: NOT_ASKED,
    exchange: NOT_ASKED,
  };
  if (!arn || !account || arn.account !== account.accountId || arn.partition !== account.partition)
    return { ...base, provider: NOT_ASKED, role: NOT_ASKED };
  const role = roles?.get(roleArn);
  const provider = issuer === undefined ? undefined : providers?.get(providerArnOf(issuer, account));
  return {
    ...base,
    provider: providerReading(provider, providers !== undefined && issuer !== undefined),
    role: role
      ? {
          state: 'read',
          value: {
            arn: role.arn,
            name: role.name,
            trustPolicy: role.trustPolicy ?? null,
            maxSessionDurationSeconds: role.maxSessionDurationSeconds,
            tags: {},
            policies: NOT_ASKED,
          },
        }
      : unlisted(roles !== undefined),
  };
}

function targetFactsOf(
  { annotatedAt: _, ...account }: AuditServiceAccount,
  chain: Pick<Parameters<typeof targetRoleOf>[0], 'container' | 'grant' | 'settings'>,
  { account: own, roles }: IamIndex,
): Pick<AwsFacts, 'target'> {
  const cluster = { serviceAccount: { state: 'read', value: account } } as const;
  const role = targetRoleOf({ ...chain, cluster })?.role;
  if (!role) return {};
  if (!own || role.account !== own.accountId || role.partition !== own.partition)
    return { target: NOT_ASKED };
  const found = roles?.get(role.arn);
  return {
    target: found
      ? { state: 'read', value: { arn: found.arn, trustPolicy: found.trustPolicy ?? null } }
      : unlisted(roles !== undefined),
  };
}

function providerReading(provider: AuditProvider | undefined, wereListed: boolean): AwsFacts['provider'] {
  if (!provider) return unlisted(wereListed);
  const { arn, issuer, clientIds, thumbprints } = provider;
  return clientIds ? { state: 'read', value: { arn, issuer, clientIds, thumbprints } } : NOT_ASKED;
}

/** Only a whole list proves that something does not exist. */
function unlisted(wereListed: boolean): Reading<never> {
  return wereListed ? { state: 'absent' } : NOT_ASKED;
}
