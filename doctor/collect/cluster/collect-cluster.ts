import type { ApiClient } from '../../../kubernetes/api-client.ts';
import { namespacePath, serviceAccountPath } from '../../../kubernetes/core-paths.ts';
import { textsOf } from '../../../kubernetes/label-selector.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';
import type { Subject } from '../../../lib/operands/subjects.ts';
import { toNamespaceFacts } from '../../../policy/namespace-facts.ts';
import type { ClusterFacts, NodeAgentFacts } from '../../facts/cluster-facts.ts';
import type { Reading } from '../../facts/reading.ts';
import { valueIn } from '../../facts/value-in.ts';
import type { Once } from '../once.ts';
import { dryRun } from './dry-run.ts';
import { admittedGrant, annotatedGrants, type ChainGrant, type GrantSettings, podGrant } from './grants.ts';
import { narrowServiceAccount } from './narrow/narrow-service-account.ts';
import { podRoleOf } from './pod-role.ts';
import { readAgentEnv } from './read/read-agent-env.ts';
import { type ApiServerReading, acceptsLogin, readApiServer } from './read/read-api-server.ts';
import { attempt, type ClusterAccess, getObject, mapReading } from './read/read-cluster.ts';
import { readEvents } from './read/read-events.ts';
import { onNode, onNodes, readNodeAgents } from './read/read-node-agents.ts';
import { readRefusals } from './read/read-refusals.ts';
import { narrowToken, requestToken } from './read/read-token.ts';
import { readWebhooks } from './read/read-webhooks.ts';
import type { SecretToken } from './secret-token.ts';
import { findSubject, subjectMissing } from './subject/find-subject.ts';
import type { PodsTogether } from './subject/pods-together.ts';
import { verifiesWith } from './verifies-with.ts';

export interface ClusterCollectorInput extends ClusterAccess {
  /** Opens a client of the same API server that logs in with a token. */
  readonly clientWithToken: (token: string) => Pick<ApiClient, 'get' | 'send' | 'close'>;
  readonly subject: Subject;
  /** Context of the kubeconfig; empty within a pod. */
  readonly context: string;
  readonly settings: GrantSettings;
  /** Memory of this run and this cluster. */
  readonly once: Once;
  /** For a subject that is judged with others. Undefined: it has lists of its own. */
  readonly together?: PodsTogether | undefined;
  readonly now: () => Date;
}

/** Facts of one chain: the role of the pod, or the own role of one container. */
export interface CollectedChain extends ChainGrant {
  readonly cluster: ClusterFacts;
  /** For the live call of STS. It has the audience of the grant, and expires after ten minutes. */
  readonly token: SecretToken | undefined;
}

export interface CollectedCluster {
  readonly serviceAccountName: string;
  readonly chains: readonly [CollectedChain, ...CollectedChain[]];
}

type SharedFacts = Omit<ClusterFacts, 'token' | 'apiServerAcceptsToken' | 'apiServer' | 'clockSkewSeconds'>;

/**
 * Reads what a cluster knows about the credentials of a subject. Reads that do not depend on each other run
 * at the same time, and one that is refused becomes a part of the facts.
 * @throws PodroleError `SUBJECT_MISSING`; `API_REFUSED` or `API_UNREACHABLE` if the subject cannot be read
 */
export async function collectCluster(input: ClusterCollectorInput): Promise<CollectedCluster> {
  const { subject, settings, once } = input;
  const apiServer = once('API server', () => readApiServer(input, input.now));
  const webhooks = once('webhooks', () => readWebhooks(input));
  const agents = once('node agents', () => readNodeAgents(input));
  // An interrupt rejects them, maybe while only the subject is awaited.
  void Promise.allSettled([apiServer, webhooks, agents]);
  const { serviceAccountName, pod, template } = await findSubject(input, subject);
  const like = template ?? valueIn(pod);
  const [serviceAccount, namespace, tried, events, refusals, nodeAgents] = await Promise.all([
    readServiceAccount(input, serviceAccountName),
    readNamespace(input),
    dryRun(input, {
      namespace: subject.namespace,
      serviceAccountName,
      like,
      known: settings,
    }),
    eventsOf(input, pod),
    pod.state === 'absent' ? readRefusals(input, subject) : undefined,
    agents.then((found) => agentsOnNode(input, found, valueIn(pod)?.node)),
  ]);
  if (subject.kind === 'serviceaccount' && serviceAccount.state === 'absent') throw subjectMissing(subject);
  const shared: SharedFacts = {
    context: input.context,
    namespaceLabels: mapReading(namespace, ({ labels }) => labels),
    namespaceRules: mapReading(namespace, ({ rules }) => rules),
    serviceAccount,
    webhooks: await webhooks,
    dryRun: tried,
    pod,
    events,
    ...(refusals && { refusals }),
    nodeAgents,
  };
  const [first, ...others] = grantsIn(shared, podRoleOf(like, valueIn(tried)?.pod, settings), settings);
  const chainOf = (grant: ChainGrant) => collectChain(input, serviceAccountName, grant, shared, apiServer);
  return {
    serviceAccountName,
    chains: await Promise.all([chainOf(first), ...others.map(chainOf)]),
  };
}

function readServiceAccount(
  input: ClusterCollectorInput,
  name: string,
): Promise<ClusterFacts['serviceAccount']> {
  const { namespace } = input.subject;
  const needs = `get on serviceaccounts in the namespace ${namespace}`;
  return getObject(input, serviceAccountPath(namespace, name), needs, (object) =>
    narrowServiceAccount(object, input.settings.annotationPrefix),
  );
}

function readNamespace(input: ClusterCollectorInput) {
  const { namespace } = input.subject;
  return input.once(`namespace ${namespace}`, () =>
    getObject(input, namespacePath(namespace), `get on the namespace ${namespace}`, (object) => ({
      labels: textsOf(metadataOf(object)?.['labels']),
      rules: { name: namespace, annotations: toNamespaceFacts(object)?.annotations ?? {} },
    })),
  );
}

function eventsOf(input: ClusterCollectorInput, pod: ClusterFacts['pod']): Promise<ClusterFacts['events']> {
  if (pod.state !== 'read') return Promise.resolve({ state: 'not asked', why: 'no pod was read' });
  return input.together ? input.together.eventsOf(pod.value) : readEvents(input, pod.value);
}

async function agentsOnNode(
  input: ClusterCollectorInput,
  found: Awaited<ReturnType<typeof readNodeAgents>>,
  node: string | undefined,
): Promise<ClusterFacts['nodeAgents']> {
  if (found.state !== 'read') return found;
  const agents = found.value.map(async (each): Promise<NodeAgentFacts> => {
    const key = `agent ${each.agent.namespace}/${each.agent.name}`;
    const state = input.together
      ? (await input.once(key, () => onNodes(input, each)))(node)
      : await input.once(`${key} on ${node}`, () => onNode(input, each, node));
    const { env } = each;
    const stsEnv =
      env && (await input.once(`${key} STS`, () => readAgentEnv(input, each.agent.namespace, env)));
    return { ...each.agent, onNode: state, ...(stsEnv && { stsEnv }) };
  });
  return { state: 'read', value: await Promise.all(agents) };
}

/** Returns at least one: a chain without a role is judged too. */
function grantsIn(
  { serviceAccount, dryRun: tried, pod }: SharedFacts,
  podRole: ChainGrant['podRole'],
  settings: GrantSettings,
): readonly [ChainGrant, ...ChainGrant[]] {
  const annotated = serviceAccount.state === 'read' ? annotatedGrants(serviceAccount.value, settings) : [];
  if (podRole) {
    const ofContainers = annotated.filter(({ container }) => container !== undefined);
    return [podGrant(podRole, valueIn(serviceAccount)?.annotations ?? {}, settings), ...ofContainers];
  }
  const [first, ...others] = annotated;
  if (first) return [first, ...others];
  const grant = admittedGrant(valueIn(tried)?.pod) ?? admittedGrant(valueIn(pod));
  return [{ container: undefined, grant }];
}

async function collectChain(
  input: ClusterCollectorInput,
  serviceAccountName: string,
  { container, grant, podRole }: ChainGrant,
  shared: SharedFacts,
  documents: Promise<ApiServerReading>,
): Promise<CollectedChain> {
  const { namespace } = input.subject;
  const tokenOf = (audience: string) =>
    input.once(`token ${namespace}/${serviceAccountName} ${audience}`, () =>
      requestToken(input, { namespace, serviceAccountName, audience }),
    );
  // Without a role, the token still shows how the cluster signs.
  const secret = await tokenOf(grant?.audience ?? input.settings.tokenAudience);
  const { apiServer, keySet, clockSkewSeconds } = await documents;
  const token = secret.state === 'read' ? narrowToken(secret.value) : secret;
  const keys = valueIn(keySet);
  const verified =
    keys && secret.state === 'read'
      ? { verifiedByApiServerKeys: await verifiesWith(secret.value, keys) }
      : {};
  return {
    container,
    grant,
    podRole,
    token: token.state === 'read' ? valueIn(secret) : undefined,
    cluster: {
      ...shared,
      apiServer,
      clockSkewSeconds,
      token: mapReading(token, (facts) => ({ ...facts, ...verified })),
      apiServerAcceptsToken: await loginWith(input, secret),
    },
  };
}

async function loginWith(
  { clientWithToken, limits }: ClusterCollectorInput,
  secret: Reading<SecretToken>,
): Promise<Reading<boolean>> {
  if (secret.state !== 'read') return { state: 'not asked', why: 'there is no token to try' };
  return attempt(limits, async () => {
    const client = clientWithToken(secret.value.reveal());
    try {
      return await acceptsLogin(client, limits);
    } finally {
      client.close();
    }
  });
}
