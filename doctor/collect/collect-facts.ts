import { mapLimited } from '../../bind/facts/map-limited.ts';
import { findAccount } from '../../bind/iam/find-account.ts';
import { openIam } from '../../bind/iam/open-iam.ts';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { clusterNames, connect, connectWithToken } from '../../kubernetes/connect.ts';
import { isMadeUp } from '../../kubernetes/kube-config.ts';
import { systemClock } from '../../lib/clock.ts';
import { parseSubjects, type Subject } from '../../lib/operands/subjects.ts';
import type { Env, Progress } from '../../lib/surroundings.ts';
import { readIssuerEndpoint } from '../../oidc/verify/issuer-endpoint.ts';
import type { ChainFacts } from '../facts/chain-facts.ts';
import type { RoleRulesFacts } from '../facts/rule-facts.ts';
import { valueIn } from '../facts/value-in.ts';
import type { DoctorSettings } from '../settings.ts';
import { agentEnvOf } from '../workload/agent-env-of.ts';
import { targetRoleOf } from '../workload/target-role-of.ts';
import { collectAws } from './aws/collect-aws.ts';
import { boundSubjects } from './bound-subjects.ts';
import { type CollectedChain, collectCluster } from './cluster/collect-cluster.ts';
import type { GrantSettings } from './cluster/grants.ts';
import { createPodsTogether, type PodsTogether } from './cluster/subject/pods-together.ts';
import { verifiesWith } from './cluster/verifies-with.ts';
import { collectIssuer } from './issuer/collect-issuer.ts';
import { createOnce, type Once } from './once.ts';
import { readRoleRules } from './read-role-rules.ts';

/** Subjects that are read at the same time, with --all. */
const CONCURRENCY = 8;

export interface Collection {
  readonly settings: DoctorSettings;
  /** Names of what is judged; empty with --all. */
  readonly operands: readonly string[];
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A run: one cluster, and the memory of what its chains share. */
interface Run extends Pick<Collection, 'settings' | 'env' | 'signal'> {
  readonly client: ApiClient;
  readonly context: string;
  readonly grants: GrantSettings;
  readonly roleRules: RoleRulesFacts;
  readonly endpoint: ReturnType<typeof readIssuerEndpoint>;
  readonly once: Once;
  /** Undefined: each subject has lists of its own. */
  readonly together: PodsTogether | undefined;
}

/**
 * Collects the facts of every chain that the command line asks for: one for the pod, and one for each
 * container with a role of its own. What may not be read becomes a part of the facts.
 * @throws PodroleError for wrong names, without a cluster, `SUBJECT_MISSING`, `NOTHING_TO_JUDGE`
 */
export async function collectFacts(collection: Collection): Promise<readonly ChainFacts[]> {
  const { settings, operands, env, signal, progress } = collection;
  const named = parseSubjects(operands, settings.namespace);
  const endpoint = readIssuerEndpoint(settings, env);
  const roleRules = await readRoleRules(settings);
  const client = connect(settings, env);
  try {
    const { context: known } = clusterNames(settings, env);
    const context = isMadeUp(known) ? '' : known;
    const grants = await grantSettings(settings, env);
    const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
    const isAll = named.length === 0;
    const subjects = isAll ? await boundSubjects({ client, limits, settings, grants }) : named;
    const once = createOnce();
    const together = isAll
      ? createPodsTogether({
          access: { client, limits },
          once,
          accounts: accountsIn(subjects),
          known: grants,
        })
      : undefined;
    const shared = { settings, env, signal, client, context, grants, roleRules };
    const run: Run = { ...shared, endpoint, once, together };
    const chains = await mapLimited(
      subjects,
      CONCURRENCY,
      (subject) => collectChains(run, subject),
      (done) => progress.show('reading chains', done, subjects.length),
    );
    return chains.flat();
  } finally {
    client.close();
  }
}

/** Returns the names of ServiceAccounts by their namespace. */
function accountsIn(subjects: readonly Subject[]): ReadonlyMap<string, ReadonlySet<string>> {
  const ofNamespaces = Map.groupBy(subjects, ({ namespace }) => namespace);
  return new Map([...ofNamespaces].map(([key, found]) => [key, new Set(found.map(({ name }) => name))]));
}

async function grantSettings(settings: DoctorSettings, env: Env): Promise<GrantSettings> {
  const { annotationPrefix, composeRoleArn, tokenAudience, podRoleAnnotation, baseRoleArn } = settings;
  const ofPods = { podRoleAnnotation, baseRoleArn };
  const shared = { annotationPrefix, composeRoleArn, tokenAudience, awsDefaultRegion: '', ...ofPods };
  // Only a name that is to be completed needs the account.
  if (!composeRoleArn) return { ...shared, accountId: '', partition: '' };
  const iam = await openIam(settings.partition, env);
  try {
    return { ...shared, ...(await findAccount(settings, env, iam)) };
  } finally {
    iam.destroy();
  }
}

async function collectChains(run: Run, subject: Subject): Promise<readonly ChainFacts[]> {
  const { client, context, grants, once, together, signal, settings, env } = run;
  const { serviceAccountName, chains } = await collectCluster({
    client,
    clientWithToken: (token) => connectWithToken(settings, env, token),
    limits: { timeoutMs: CLUSTER_TIMEOUT_MS, signal },
    subject,
    context,
    settings: grants,
    once,
    together,
    now: systemClock.now,
  });
  return Promise.all(chains.map((chain) => collectRest(run, { subject, serviceAccountName, chain })));
}

interface ChainOf {
  readonly subject: Subject;
  readonly serviceAccountName: string;
  readonly chain: CollectedChain;
}

async function collectRest(run: Run, { subject, serviceAccountName, chain }: ChainOf): Promise<ChainFacts> {
  const { settings, env, signal, once } = run;
  const { cluster, grant, container, podRole, token } = chain;
  const { annotationPrefix, tokenAudience, stsEndpointUrl } = settings;
  const judging = {
    annotationPrefix,
    tokenAudience,
    ...(stsEndpointUrl === undefined ? {} : { stsEndpointUrl }),
    roleRules: run.roleRules,
  };
  const issuer =
    settings.issuer ?? valueIn(cluster.token)?.issuer ?? valueIn(cluster.apiServer)?.issuer ?? undefined;
  const [ofIssuer, aws] = await Promise.all([
    issuer === undefined
      ? undefined
      : once(`issuer ${issuer}`, () => collectIssuer({ ...run.endpoint, issuer, env, signal })),
    collectAws({
      grant,
      issuer,
      token: token?.reveal(),
      pod: valueIn(cluster.pod),
      agentEnv: agentEnvOf(cluster, container),
      container,
      target: targetRoleOf({ cluster, container, podRole, grant, settings: judging })?.role,
      settings: judging,
      env,
      signal,
      once,
    }),
  ]);
  return {
    collectedAt: systemClock.now().toISOString(),
    subject,
    serviceAccountName,
    ...(container === undefined ? {} : { container }),
    ...(podRole && { podRole }),
    ...(grant === undefined ? {} : { grant }),
    settings: judging,
    cluster: await withPublishedKeys(chain, ofIssuer),
    ...(ofIssuer === undefined ? {} : { issuer: ofIssuer }),
    aws,
  };
}

/** Adds whether a published key verifies the token. */
async function withPublishedKeys(
  { cluster, token }: CollectedChain,
  issuer: ChainFacts['issuer'],
): Promise<ChainFacts['cluster']> {
  const keySet = valueIn(issuer?.keySet);
  if (!token || cluster.token.state !== 'read' || !keySet || !('json' in keySet)) return cluster;
  const verifiedByPublishedKeys = await verifiesWith(token, keySet.json);
  return { ...cluster, token: { state: 'read', value: { ...cluster.token.value, verifiedByPublishedKeys } } };
}
