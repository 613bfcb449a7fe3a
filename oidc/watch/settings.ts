import { type Fault, PodroleError } from '../../lib/errors.ts';
import { durationMs, toggle } from '../../lib/settings/kinds.ts';
import { namespace, objectName } from '../../lib/settings/name-settings.ts';
import type { SettingsOf } from '../../lib/settings/settings.ts';

/** Settings of `podrole publish --watch`. */
export const watchSettings = {
  watch: toggle({
    default: false,
    help: 'Keep the published documents equal to their source until SIGTERM; for a Deployment',
  }),
  interval: durationMs({
    defaultMs: 30_000,
    help: 'With --watch: time between two checks, so the longest delay until a new key is public',
  }),
  leaderElect: toggle({
    default: true,
    help: 'With --watch: if there are several replicas, only the holder of a Lease publishes',
  }),
  leaseNamespace: namespace({
    shownDefault: 'the one that this pod runs in',
    help: 'Namespace of the Lease',
  }),
  leaseName: objectName({
    default: 'podrole-publisher',
    help: 'Name of the Lease; created if it does not exist',
  }),
  leaseDuration: durationMs({
    defaultMs: 15_000,
    help: 'How long the other replicas wait for a leader that has become silent',
  }),
} as const;

export type WatchSettings = SettingsOf<typeof watchSettings>;

/**
 * Shorter intervals gain nothing, and longer ones are a wrong unit. A timer of Node can wait 24 days at most.
 */
const INTERVAL_MS = { min: 1_000, max: 3_600_000 } as const;
/**
 * With the shortest duration, a leader renews every 400 ms and each request times out after one second. Both
 * limits are our choice.
 */
const LEASE_DURATION_MS = { min: 3_000, max: 600_000 } as const;

/** Returns the faults in the durations of --watch. */
export function watchFaults({ interval, leaseDuration }: WatchSettings): readonly Fault[] {
  return [
    ...outside('--interval', interval, INTERVAL_MS),
    ...outside('--lease-duration', leaseDuration, LEASE_DURATION_MS),
  ];
}

/**
 * Returns the namespace of the Lease; undefined if there is no election.
 * @param podNamespace namespace of the pod that this process runs in; undefined outside a pod
 * @throws PodroleError `MISSING_SETTING`
 */
export function leaseNamespace(
  { leaderElect, leaseNamespace: given }: WatchSettings,
  podNamespace: string | undefined,
): string | undefined {
  if (!leaderElect) return undefined;
  const namespace = given ?? podNamespace;
  if (namespace !== undefined) return namespace;
  throw new PodroleError({
    code: 'MISSING_SETTING',
    object: '--lease-namespace',
    problem: 'is not set, and this process does not run in a pod',
    remedy: 'give it, or --leader-elect=false if this is the only publisher',
  });
}

function outside(
  object: string,
  valueMs: number,
  { min, max }: { min: number; max: number },
): readonly Fault[] {
  if (valueMs >= min && valueMs <= max) return [];
  return [
    {
      code: 'INVALID_SETTING',
      object,
      problem: `is ${valueMs / 1_000}s, must be from ${min / 1_000}s to ${max / 1_000}s`,
      remedy: 'see --help',
    },
  ];
}
