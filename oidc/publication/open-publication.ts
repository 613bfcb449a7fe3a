import { PodroleError } from '../../lib/errors.ts';
import type { Env } from '../../lib/surroundings.ts';
import { type OpenSource, openSource, type SourceSettings } from '../sources/open-source.ts';
import { interruptible } from '../targets/interruptible.ts';
import { openTarget } from '../targets/open-target.ts';
import type { PublicationTarget } from '../targets/target.ts';
import type { PublicationRequest } from './publish.ts';
import { refuseIssuer } from './refuse-issuer.ts';

type Environment = Env;

/** Settings that say what is published, where, and for which issuer. */
export interface PublicationSettings extends SourceSettings {
  readonly issuer: string | undefined;
  readonly to: string | undefined;
  readonly allowPort: boolean;
  readonly tokenLifetime: number;
  readonly x5c: boolean;
  readonly prune?: boolean;
}

export interface OpenPublication {
  /**
   * Returns what to publish now. Each call asks the API server for the issuer.
   * @throws PodroleError `ISSUER_MISMATCH`, `INVALID_ISSUER`, `MISSING_SETTING`; what asking the API server
   * throws
   */
  request(signal: AbortSignal): Promise<PublicationRequest>;
  close(): void;
}

export interface PublicationPlaces {
  /** Replaces `--to`. */
  readonly target?: PublicationTarget;
  /** As for openTarget. */
  readonly onBucketMade?: (line: string) => void;
  /** As for interruptible. */
  readonly changes?: 'finish';
}

/**
 * Opens the source and the target that the settings name.
 * @throws PodroleError `INVALID_SETTING`, `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export async function openPublication(
  settings: PublicationSettings,
  env: Environment,
  now: () => Date,
  places: PublicationPlaces = {},
): Promise<OpenPublication> {
  const open = await openSource(settings, env);
  // Each is opened once, since a target may keep connections. The issuer of a watched API server can change.
  const targets = new Map<string, Promise<PublicationTarget>>();
  const targetOf = (issuer: string) => {
    const opened = targets.get(issuer) ?? openTarget(settings.to ?? '', issuer, env, places.onBucketMade);
    targets.set(issuer, opened);
    return opened;
  };
  return {
    request: async (signal) => {
      const issuer = await resolveIssuer(settings.issuer, open, signal);
      refuseIssuer(issuer, settings.allowPort);
      return {
        issuer,
        allowPort: settings.allowPort,
        target: interruptible(places.target ?? (await targetOf(issuer)), signal, places.changes),
        source: open.source,
        ...(open.apiServer ? { stillServedBy: open.apiServer } : {}),
        prune: settings.prune ?? false,
        tokenLifetimeSeconds: settings.tokenLifetime / 1_000,
        x5c: settings.x5c,
        now,
        signal,
      };
    },
    close: open.close,
  };
}

/**
 * Returns the issuer. It must be the one in the API server's tokens: under any other, no token would be
 * accepted.
 */
async function resolveIssuer(
  given: string | undefined,
  { source, apiServer }: OpenSource,
  signal: AbortSignal,
): Promise<string> {
  if (given !== undefined && source !== apiServer) return given;
  if (apiServer === undefined) {
    throw new PodroleError({
      code: 'MISSING_SETTING',
      object: '--issuer',
      problem: 'is not set, and there is no API server to ask',
      remedy: "give the API server's first --service-account-issuer",
    });
  }
  const live = await apiServer.readIssuer(signal);
  if (given === undefined || given === live) return live;
  throw new PodroleError({
    code: 'ISSUER_MISMATCH',
    object: `--issuer ${given}`,
    problem: `is not the issuer that the API server signs for, ${live}`,
    remedy: `give --issuer ${live}, or start the API servers with --service-account-issuer=${given} as the first one`,
  });
}
