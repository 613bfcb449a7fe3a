import { atMostEvery } from '../../lib/at-most-every.ts';
import type { Logger } from '../../lib/logger.ts';
import type { HostContainer } from '../containers/host-container.ts';
import { containerSubject } from './container-subject.ts';

/** Log of refusals, which containers cannot fill. */
export interface RefusalLog {
  /** A role is named that the container does not get. */
  readonly refused: (container: HostContainer, reason: string) => void;
  readonly withoutRole: (container: HostContainer) => void;
  /** The caller is not certain, or not a container. */
  readonly unknown: (kind: 'unclear' | 'stranger', reason: string) => void;
  /** Drops what is remembered about a container that is gone. */
  readonly forget: (id: string) => void;
}

/** Most containers that are remembered; the one that was refused first is forgotten, and logged again. */
const MAX_CONTAINERS = 1_024;
const UNKNOWN_LOG_MS = 10_000;

/** Logs each refusal of a container once, until its reason changes, and those of others now and then. */
export function createRefusalLog(logger: Logger, monotonicMs: () => number): RefusalLog {
  const lastReason = new Map<string, string>();
  const mayLog = {
    unclear: atMostEvery(UNKNOWN_LOG_MS, monotonicMs),
    stranger: atMostEvery(UNKNOWN_LOG_MS, monotonicMs),
  };

  function isNew(id: string, reason: string): boolean {
    if (lastReason.get(id) === reason) return false;
    lastReason.set(id, reason);
    const [oldest] = lastReason.keys();
    if (lastReason.size > MAX_CONTAINERS && oldest !== undefined) lastReason.delete(oldest);
    return true;
  }

  return {
    refused: (container, reason) => {
      if (!isNew(container.id, reason)) return;
      logger.warn({ ...containerSubject(container), reason }, 'container does not get its role');
    },
    withoutRole: (container) => {
      if (!isNew(container.id, '')) return;
      logger.info(containerSubject(container), 'container without a role asks for one');
    },
    unknown: (kind, reason) => {
      if (mayLog[kind]()) logger.warn({ verdict: kind, reason }, 'a caller was refused');
    },
    forget: (id) => void lastReason.delete(id),
  };
}
