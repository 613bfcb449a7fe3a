import type { Readable } from 'node:stream';
import { createUnread, type Unread } from '../../doctor/audit/collect/unread.ts';
import { connect } from '../../kubernetes/connect.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Env, Progress } from '../../lib/surroundings.ts';
import { readRolePolicy } from '../../policy/document/read-role-policy.ts';
import type { MigrationFacts } from '../facts/migration-facts.ts';
import type { OldProxy } from '../model.ts';
import type { MigrateSettings } from '../settings.ts';
import { collectCluster } from './collect-cluster.ts';
import { collectIam } from './collect-iam.ts';
import { collectManifests } from './collect-manifests.ts';
import type { CollectedObjects } from './collected.ts';

export interface CollectorInput {
  readonly from: OldProxy;
  readonly settings: MigrateSettings;
  readonly env: Env;
  readonly stdin: Readable;
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'now'>;
  readonly progress: Progress;
}

/** Time limit of one page of a list. */
const TIMEOUT_MS = 30_000;

/**
 * Reads everything that a plan is made of.
 * @returns also whether there was anything to plan for
 * @throws PodroleError for a file that cannot be read, `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export async function collectMigration(
  input: CollectorInput,
): Promise<{ readonly facts: MigrationFacts; readonly hasObjects: boolean }> {
  const { from, settings, env, clock, progress } = input;
  const { rolePolicyFile, baseRoleArn, proxyRoleArn, namespaceRestrictionFormat: format } = settings;
  const policy = await readRolePolicy(rolePolicyFile);
  const unread = createUnread();
  const { hasObjects, podRoleAnnotation, ...objects } = await collectObjects(input, unread);
  const iam = await collectIam(settings, { env, progress, unread });
  const facts: MigrationFacts = {
    ...objects,
    from,
    collectedAt: clock.now(),
    settings: {
      audience: settings.tokenAudience,
      annotationPrefix: settings.annotationPrefix,
      allowedRolesFormat: format === 'auto' ? undefined : format,
      ...{ baseRoleArn, proxyRoleArn, podRoleAnnotation, policy },
    },
    iam,
    unread: [...new Set(unread.texts)].sort(),
  };
  return { facts, hasObjects };
}

async function collectObjects(input: CollectorInput, unread: Unread): Promise<CollectedObjects> {
  const { settings, env, signal } = input;
  if (settings.filename.length > 0) return await collectManifests({ ...input, unread });
  const client = connect(settings, env);
  try {
    return await collectCluster({ ...input, client, limits: { timeoutMs: TIMEOUT_MS, signal }, unread });
  } finally {
    client.close();
  }
}
