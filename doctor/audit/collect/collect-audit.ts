import { findAccount } from '../../../bind/iam/find-account.ts';
import { openIam } from '../../../bind/iam/open-iam.ts';
import type { Clock } from '../../../lib/clock.ts';
import { messageOf, PodroleError } from '../../../lib/errors.ts';
import type { Env, Progress } from '../../../lib/surroundings.ts';
import { collectIssuer } from '../../collect/issuer/collect-issuer.ts';
import { createOnce } from '../../collect/once.ts';
import { readRoleRules } from '../../collect/read-role-rules.ts';
import { unaskedIssuer } from '../../facts/not-asked.ts';
import type {
  AuditFacts,
  AuditJudgement,
  ClusterAuditFacts,
  IamAuditFacts,
  MetadataProbe,
} from '../facts/audit-facts.ts';
import { safeText } from '../safe-text.ts';
import type { AuditSettings } from '../settings.ts';
import { collectAuditedCluster } from './collect-audited-cluster.ts';
import { collectAuditedIam } from './collect-audited-iam.ts';
import type { OpenCluster } from './open-clusters.ts';

export interface AuditCollection {
  readonly facts: AuditFacts;
  /** Clusters that did not answer. */
  readonly failed: readonly { readonly context: string; readonly said: string }[];
}

export interface AuditCollectorInput {
  readonly settings: AuditSettings;
  readonly clusters: readonly OpenCluster[];
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'now'>;
  readonly progress: Progress;
  /** Tries the instance metadata from a pod of a cluster; undefined: nobody asked for it. */
  readonly probeMetadata: ((cluster: OpenCluster) => Promise<MetadataProbe>) | undefined;
}

/** Time limit of one page of a list. */
const TIMEOUT_MS = 30_000;

/** Reads all clusters and IAM. */
export async function collectAudit(input: AuditCollectorInput): Promise<AuditCollection> {
  const { settings, clusters, env, signal, clock, progress, probeMetadata } = input;
  const once = createOnce();
  const ask = (issuer: string) =>
    settings.checkIssuers
      ? once(issuer, () => collectIssuer({ issuer, env, signal }))
      : Promise.resolve(unaskedIssuer(issuer, '--check-issuers=false'));
  const iam = await openIam(settings.partition, env);
  try {
    const judgement = await judgementOf(settings, () => findAccount(settings, env, iam));
    progress.show('reading the cluster');
    const read = await Promise.all(
      clusters.map(async (cluster) => ({
        cluster,
        facts: await collectAuditedCluster({
          ...cluster,
          limits: { timeoutMs: TIMEOUT_MS, signal },
          settings: judgement,
          findsKeys: settings.staticKeys,
          now: clock.now,
          collectIssuer: ask,
        }),
      })),
    );
    const failed = read.flatMap(({ cluster: { context }, facts }) =>
      'failed' in facts ? [{ context, said: facts.failed }] : [],
    );
    const found = read.flatMap(({ cluster, facts }) => ('failed' in facts ? [] : [{ cluster, facts }]));
    const issuers = found.flatMap(({ facts }) => facts.issuer ?? []);
    const iamFacts =
      found.length === 0
        ? NO_IAM
        : await collectAuditedIam({ iam, env, issuers, progress, collectIssuer: ask });
    const probed: ClusterAuditFacts[] = [];
    // One after another: a pod that is left is then in one cluster.
    for (const { cluster, facts } of found) {
      if (probeMetadata) progress.show('waiting for the pods of --probe-metadata');
      probed.push(probeMetadata ? withProbe(facts, await probeMetadata(cluster)) : facts);
    }
    return {
      facts: { collectedAt: clock.now(), settings: judgement, clusters: probed, iam: iamFacts },
      failed,
    };
  } finally {
    iam.destroy();
  }
}

const NO_IAM: IamAuditFacts = {
  account: undefined,
  roles: undefined,
  providers: undefined,
  instanceProfileRoleArns: undefined,
  unread: [],
};

async function judgementOf(
  settings: AuditSettings,
  findOwnAccount: () => Promise<{ readonly accountId: string; readonly partition: string }>,
): Promise<AuditJudgement> {
  const { annotationPrefix, composeRoleArn, tokenAudience, namespace, unusedAfter, nodeRole } = settings;
  const { accountId, partition } = composeRoleArn ? await findOwnAccount() : { accountId: '', partition: '' };
  return {
    ...{ annotationPrefix, composeRoleArn, tokenAudience, namespace, accountId, partition },
    awsDefaultRegion: '',
    unusedAfterMs: unusedAfter,
    nodeRoleArns: nodeRole,
    roleRules: await readRoleRules(settings),
  };
}

function withProbe(facts: ClusterAuditFacts, probe: MetadataProbe): ClusterAuditFacts {
  const unread = Object.entries(probe).flatMap(([version, answer]: [string, MetadataProbe['v1']]) =>
    answer.state === 'unknown' ? [safeText(`instance metadata, ${version}: ${answer.why}`)] : [],
  );
  return { ...facts, metadataProbe: probe, unread: [...facts.unread, ...unread] };
}

/** Returns what a probe that failed says. */
export function failedProbe(thrown: unknown): MetadataProbe {
  if (!(thrown instanceof PodroleError)) throw thrown;
  const answer = { state: 'unknown', why: messageOf(thrown) } as const;
  return { v1: answer, v2: answer };
}
