import { existsSync } from 'node:fs';
import { POD_NAMESPACE_FILE } from '../../lib/contract/kubernetes.ts';
import { MAX_FILE_BYTES, readRegularFileSync } from '../../lib/files/read-file.ts';
import type { Env } from '../../lib/surroundings.ts';
import { openPublication, type PublicationSettings } from '../publication/open-publication.ts';
import { type ReplicaSettings, type ReplicaSurroundings, runWatchReplica } from './replica.ts';

export interface WatchSurroundings
  extends Pick<ReplicaSurroundings, 'identity' | 'logger' | 'clock' | 'random' | 'signal'> {
  readonly env: Env;
}

/**
 * Runs `podrole publish --watch` until the signal. The Lease is in the cluster that kubectl would use, the
 * default source of keys.
 * @throws PodroleError for settings that cannot work; nothing once it listens
 */
export async function runPublicationWatch(
  settings: PublicationSettings & ReplicaSettings,
  surroundings: WatchSurroundings,
): Promise<void> {
  const { env, clock } = surroundings;
  const publication = await openPublication(settings, env, clock.now);
  try {
    await runWatchReplica(settings, {
      ...surroundings,
      prepare: publication.request,
      connect: async () => (await import('../../kubernetes/connect.ts')).connect(settings, env),
      podNamespace: existsSync(POD_NAMESPACE_FILE)
        ? readRegularFileSync(POD_NAMESPACE_FILE, MAX_FILE_BYTES.token).toString('utf8').trim()
        : undefined,
    });
  } finally {
    publication.close();
  }
}
