import type { ApiClient, Limits } from '../../../kubernetes/api-client.ts';
import { textsOf } from '../../../kubernetes/label-selector.ts';
import { asText } from '../../../lib/json/json.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';
import { type NamespaceFacts, toNamespaceFacts } from '../../../policy/namespace-facts.ts';
import { narrowServiceAccount } from '../../collect/cluster/narrow/narrow-service-account.ts';
import { readApiServer } from '../../collect/cluster/read/read-api-server.ts';
import { mapReading } from '../../collect/cluster/read/read-cluster.ts';
import { readNodeAgents } from '../../collect/cluster/read/read-node-agents.ts';
import { readWebhooks } from '../../collect/cluster/read/read-webhooks.ts';
import type { IssuerFacts } from '../../facts/issuer-facts.ts';
import { valueIn } from '../../facts/value-in.ts';
import type { AuditJudgement, AuditServiceAccount, ClusterAuditFacts } from '../facts/audit-facts.ts';
import { type AuditAccess, eachObject } from './bounded-list.ts';
import { createKeyList, readKeys } from './read-keys.ts';
import { readNodes } from './read-nodes.ts';
import { readPods } from './read-pods.ts';
import { readRbac } from './read-rbac.ts';
import { createUnread } from './unread.ts';

export interface AuditedClusterInput {
  readonly client: ApiClient;
  readonly limits: Limits;
  readonly context: string;
  readonly settings: AuditJudgement;
  /** False: nobody looks for static keys, and no Secret is read. */
  readonly findsKeys: boolean;
  readonly now: () => Date;
  readonly collectIssuer: (issuer: string) => Promise<IssuerFacts>;
}

/**
 * Reads one cluster. Lists come in pages and are narrowed as they are read; what is denied is named in
 * `unread`.
 * @returns `failed` if not even its ServiceAccounts could be listed, for another reason than a right
 */
export async function collectAuditedCluster(
  input: AuditedClusterInput,
): Promise<ClusterAuditFacts | { readonly failed: string }> {
  const { client, limits, settings, context, now } = input;
  const unread = createUnread();
  const access = { client, limits, namespace: settings.namespace, unread };
  const accounts = await readServiceAccounts(access, settings);
  if (accounts.read === 'some' && accounts.found.length === 0) return { failed: unread.texts.join('; ') };
  const keys = createKeyList();
  const podsInput = { serviceAccounts: accounts.found, settings, keys: input.findsKeys ? keys : undefined };
  const [apiServer, namespaces, webhooks, agents, nodes, rbac, pods] = await Promise.all([
    readApiServer(access, now),
    readNamespaces(access),
    readWebhooks(access),
    readNodeAgents(access),
    readNodes(access),
    readRbac(access),
    readPods(access, podsInput).then(async (found) => {
      if (input.findsKeys) await readKeys(access, keys);
      return found;
    }),
  ]);
  keys.end(unread);
  if (!input.findsKeys) unread.add('static keys: not looked for');
  unread.note('issuer', apiServer.apiServer, 'which roles trust the cluster');
  unread.note('webhooks', webhooks, 'whether pods get the annotated roles');
  unread.note('DaemonSets', agents, 'whether kube2iam, kiam or another agent gives out roles');
  if (pods.pods.some(({ usesPodIdentity }) => usesPodIdentity))
    unread.add('EKS Pod Identity: pods use it; its associations are in the API of EKS, which is not read');
  const issuer = valueIn(apiServer.apiServer)?.issuer || undefined;
  const nodeAgents = mapReading(agents, (found) =>
    found.map(({ agent }) => ({ ...agent, onNode: 'unknown' as const })),
  );
  return {
    context,
    issuer,
    namespaceCount: settings.namespace === undefined ? namespaces.labels.size : 1,
    ...(namespaces.rules && { namespaceRules: namespaces.rules }),
    serviceAccounts: accounts.found,
    hasAllServiceAccounts: accounts.read === 'all',
    pods: pods.pods,
    nodes,
    agents: valueIn(nodeAgents) ?? [],
    rbac,
    keys: keys.found,
    metadataProbe: undefined,
    chain: {
      webhooks,
      nodeAgents,
      apiServer: apiServer.apiServer,
      clockSkewSeconds: apiServer.clockSkewSeconds,
      namespaceLabels:
        namespaces.labels.size > 0
          ? { state: 'read', value: namespaces.labels }
          : { state: 'not asked', why: 'the namespaces could not be listed' },
      issuer: issuer === undefined ? undefined : await input.collectIssuer(issuer),
      newestPods: pods.newestPods,
      hasAllPods: pods.hasAll,
    },
    unread: [...unread.texts].sort(),
  };
}

const SERVICE_ACCOUNTS = {
  root: '/api/v1',
  resource: 'serviceaccounts',
  isNamespaced: true,
  parts: { metadata: true },
  missing: 'who has a role by annotation',
} as const;

async function readServiceAccounts(access: AuditAccess, { annotationPrefix }: AuditJudgement) {
  const found: AuditServiceAccount[] = [];
  const read = await eachObject(access, SERVICE_ACCOUNTS, (object) => {
    const account = narrowServiceAccount(object, annotationPrefix);
    found.push({ ...account, annotatedAt: account.annotatedAt });
  });
  return { found, read };
}

const NAMESPACES = {
  root: '/api/v1',
  resource: 'namespaces',
  isNamespaced: false,
  parts: { metadata: { name: true, labels: true, annotations: true } },
  missing: 'how many there are, which of them the webhook leaves out, and which roles they allow',
} as const;

/** Returns the labels of each namespace, and the rules of those that have any. */
async function readNamespaces(access: AuditAccess) {
  const labels = new Map<string, Record<string, string>>();
  const rules = new Map<string, NamespaceFacts>();
  const read = await eachObject(access, NAMESPACES, (object) => {
    const metadata = metadataOf(object);
    const name = asText(metadata?.['name']) ?? '';
    labels.set(name, textsOf(metadata?.['labels']));
    const facts = toNamespaceFacts(object);
    if (facts && Object.keys(facts.annotations).length > 0) rules.set(name, structuredClone(facts));
  });
  return { labels, rules: read === 'all' ? rules : undefined };
}
