import { type Fault, PodroleError } from '../../lib/errors.ts';
import { objectNameSetting, optionalNamespace } from '../../lib/kubernetes-names.ts';
import { durationMs, type SettingsOf, toggle } from '../../lib/settings/settings.ts';

/** Settings of `podrole publish --watch`. */
export const watchSettings = {
  watch: toggle(false, 'Keep what is published equal to the source, until SIGTERM; for a Deployment'),
  interval: durationMs(
    30_000,
    'Time between two checks of --watch; a new key is public after it at the latest',
  ),
  leaderElect: toggle(true, 'With --watch: of several replicas only the holder of a Lease publishes'),
  leaseNamespace: optionalNamespace('Namespace of the Lease; default: the one that this pod runs in'),
  leaseName: objectNameSetting('podrole-publisher', 'Name of the Lease; made where there is none'),
  leaseDuration: durationMs(15_000, 'How long the other replicas wait for a leader that has fallen silent'),
} as const;

export type WatchSettings = SettingsOf<typeof watchSettings>;

/** Shorter ones are no help, longer ones are a mistake in the unit; and a timer of Node holds 24 days. */
const INTERVAL_MS = { min: 1_000, max: 3_600_000 } as const;
/** At the least, a leader renews every 400 ms and asks with a time-out of one second. Both ends are this project's choice. */
const LEASE_DURATION_MS = { min: 3_000, max: 600_000 } as const;

/** What is wrong with the times of --watch. */
export function watchFaults({ interval, leaseDuration }: WatchSettings): readonly Fault[] {
  return [
    ...outside('--interval', interval, INTERVAL_MS),
    ...outside('--lease-duration', leaseDuration, LEASE_DURATION_MS),
  ];
}

/**
 * The namespace of the Lease; undefined where there is no election.
 * @param podNamespace the namespace that this process runs in, where it is a pod
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
    problem: 'is not set, and this is no pod of a cluster',
    remedy: 'give it, or --leader-elect=false where this is the only publisher',
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
