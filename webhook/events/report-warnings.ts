import { type ApiAnswer, type ApiClient, describeAnswer } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { atMostEvery } from '../../lib/at-most-every.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { EventLimits } from './event-limits.ts';
import { type OwnerEvent, type OwnerWarning, ownerEvent } from './owner-event.ts';
import type { PodOwner } from './pod-owner.ts';

/**
 * Outcome of an Event. `repeated`: it exists already; `limited`: not sent, because there are too many;
 * `failed`: the API server did not take it.
 */
export type EventResult = 'created' | 'repeated' | 'limited' | 'failed';

export interface WarningReporter {
  /** Sends Events about the warnings of a pod, later; never throws and never waits. */
  readonly report: (namespace: string, owner: PodOwner, warnings: readonly string[]) => void;
  /** Gives the Events on their way a moment, then gives them up. */
  readonly stop: () => Promise<void>;
}

export interface ReporterOptions {
  readonly client: Pick<ApiClient, 'send' | 'close'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly count: (result: EventResult) => void;
}

/** Most warnings of one pod that become Events. */
const MAX_PER_POD = 5;
const AT_ONCE = 4;
const MAX_WAITING = 100;
const TIMEOUT_MS = 5_000;
const DRAIN_MS = 2_000;
/** An API server that refuses each Event is one line in this time. */
const LOG_EVERY_MS = 300_000;

/**
 * Creates the reporter of warnings about pods that a controller creates. The controller drops the admission
 * warnings, so nobody would see them. `kubectl describe` shows an Event on the controller.
 */
export function createWarningReporter({ client, clock, logger, count }: ReporterOptions): WarningReporter {
  const limits = new EventLimits(clock.monotonicMs());
  const stopping = new AbortController();
  const waiting: (OwnerEvent & { readonly namespace: string })[] = [];
  const running = new Set<Promise<void>>();
  const mayLog = atMostEvery(LOG_EVERY_MS, clock.monotonicMs);

  function failed(namespace: string, problem: string): void {
    count('failed');
    if (!mayLog()) return;
    const remedy = 'grant create on events, as manifests/base/webhook/rbac.yaml does, or set --events=false';
    logger.warn({ namespace, problem, remedy }, 'warnings of pods cannot be reported as Events');
  }

  async function send({ namespace, object }: OwnerEvent & { readonly namespace: string }): Promise<void> {
    try {
      const path = apiPath('/api/v1', 'namespaces', namespace, 'events');
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

  function offer(warning: OwnerWarning): void {
    const event = ownerEvent(warning, clock.now());
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
    report: (namespace, owner, warnings) => {
      if (stopping.signal.aborted) return;
      for (const warning of warnings.slice(0, MAX_PER_POD)) offer({ namespace, owner, warning });
    },
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
