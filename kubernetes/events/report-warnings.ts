import { atMostEvery } from '../../lib/at-most-every.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { type ApiAnswer, type ApiClient, describeAnswer } from '../api-client.ts';
import { eventsPath } from '../core-paths.ts';
import { EventLimits } from './event-limits.ts';
import {
  type EventObject,
  type EventSource,
  type ObjectEvent,
  type ObjectWarning,
  objectEvent,
} from './object-event.ts';

/**
 * Outcome of an Event. `repeated`: it exists already; `limited`: not sent, because there are too many;
 * `failed`: the API server did not take it.
 */
export type EventResult = 'created' | 'repeated' | 'limited' | 'failed';

export interface WarningReporter {
  /** Sends Events about the warnings of an object, later; never throws and never waits. */
  readonly report: (namespace: string, object: EventObject, warnings: readonly string[]) => void;
  /** As `report`, for one warning. */
  readonly reportOne: (warning: ObjectWarning) => void;
  /** Gives the Events on their way a moment, then gives them up. */
  readonly stop: () => Promise<void>;
}

export interface ReporterOptions {
  readonly client: Pick<ApiClient, 'send' | 'close'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly count: (result: EventResult) => void;
  readonly source: EventSource;
  /** Words for the log if the API server does not take Events. */
  readonly words: { readonly failed: string; readonly remedy: string };
}

/** Most warnings of one report that become Events. */
const MAX_PER_REPORT = 5;
const AT_ONCE = 4;
const MAX_WAITING = 100;
const TIMEOUT_MS = 5_000;
const DRAIN_MS = 2_000;
/** An API server that refuses each Event is one line in this time. */
const LOG_EVERY_MS = 300_000;

/**
 * Creates the reporter of warnings that `kubectl describe` shows on an object. It needs only the right to
 * create Events: a warning that comes again within an hour is not sent, and no Event is ever changed.
 */
export function createWarningReporter(options: ReporterOptions): WarningReporter {
  const { client, clock, logger, count, source, words } = options;
  const limits = new EventLimits(clock.monotonicMs());
  const stopping = new AbortController();
  const waiting: (ObjectEvent & { readonly namespace: string })[] = [];
  const running = new Set<Promise<void>>();
  const mayLog = atMostEvery(LOG_EVERY_MS, clock.monotonicMs);

  function failed(namespace: string, problem: string): void {
    count('failed');
    if (!mayLog()) return;
    logger.warn({ namespace, problem, remedy: words.remedy }, words.failed);
  }

  async function send({ namespace, object }: ObjectEvent & { readonly namespace: string }): Promise<void> {
    try {
      const path = eventsPath(namespace);
      const limit = { timeoutMs: TIMEOUT_MS, signal: stopping.signal };
      const answer = await client.send({ method: 'POST', path, body: object }, limit);
      const result = resultOf(answer);
      if (result === 'failed') failed(namespace, describeAnswer(answer));
      else count(result);
    } catch (thrown) {
      failed(namespace, messageOf(thrown));
    }
  }

  function next(): void {
    while (running.size < AT_ONCE) {
      const event = waiting.shift();
      if (!event) return;
      const sent: Promise<void> = send(event).finally(() => {
        running.delete(sent);
        next();
      });
      running.add(sent);
    }
  }

  function offer(warning: ObjectWarning): void {
    if (stopping.signal.aborted) return;
    const event = objectEvent(warning, source, clock.now());
    const { namespace } = warning;
    const isFull = waiting.length >= MAX_WAITING;
    const decision = isFull ? 'limited' : limits.decide(event.name, namespace, clock.monotonicMs());
    if (decision === 'send') {
      waiting.push({ ...event, namespace });
      next();
    } else {
      count(decision);
    }
  }

  return {
    report: (namespace, object, warnings) => {
      for (const warning of warnings.slice(0, MAX_PER_REPORT)) offer({ namespace, object, warning });
    },
    reportOne: offer,
    stop: async () => {
      const cancel = clock.after(DRAIN_MS, () => {
        waiting.length = 0;
        stopping.abort();
      });
      while (running.size > 0) await Promise.all(running);
      cancel();
      stopping.abort();
      client.close();
    },
  };
}

function resultOf({ status }: ApiAnswer): EventResult {
  if (status === 201) return 'created';
  return status === 409 ? 'repeated' : 'failed';
}
