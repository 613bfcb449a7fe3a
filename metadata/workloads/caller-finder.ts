import { type Clock, pause } from '../../lib/clock.ts';
import { redactSecrets } from '../../lib/text/redact.ts';
import type { Caller, CallerFinder, Connection } from './caller.ts';
import type { CountedVerdict } from './verdict-metrics.ts';
import { boundWaiters } from './waiters.ts';

/** Result of one look. `again`: looking again a moment later can help. */
export type Sight<W> =
  | Exclude<Caller<W>, { kind: 'unclear' }>
  | { readonly kind: 'again'; readonly reason: string };

/**
 * Reason why the caller of a connection is known, or not. `link`: the same link as before; `crowded`: too
 * many connections wait.
 */
export type FoundBy<By extends string> = 'link' | 'crowded' | By;

export interface FoundCaller<By extends string> extends CountedVerdict {
  readonly by: FoundBy<By>;
}

export interface CallerFinderParts<W, By extends string> {
  /** Returns the workload that had the address at the same link; undefined if that is not certain. */
  readonly atSameLink: (address: string) => W | undefined | Promise<W | undefined>;
  /** Looks once, at a time after the connection was accepted. A failure is a reason to look again. */
  readonly look: (connection: Connection) => Promise<Sight<W>>;
  /** Returns whom a connection is counted with while it waits; default: its address. */
  readonly crowdOf?: (address: string) => Promise<string>;
  /** Calls back when something has changed. Returns a function that ends this. */
  readonly onChange: (callback: () => void) => () => void;
  /** Time from a look to the next one if nothing changes; it doubles each time. */
  readonly lookAgain: { readonly firstMs: number; readonly longestMs: number };
  /** Witness of a verdict that needed a look. */
  readonly by: By;
  /** Reason for an unclear caller if no look has come to its end. */
  readonly silence: string;
  readonly clock: Clock;
  /** Takes the verdict about each connection, for metrics. */
  readonly onVerdict?: ((found: FoundCaller<By>) => void) | undefined;
}

/** SDKs give up after one to five seconds. */
const PATIENCE_MS = 2_500;

/**
 * Creates a finder that looks until a caller is certain, for a bounded time and a bounded number of callers.
 */
export function createFinder<W, By extends string>(parts: CallerFinderParts<W, By>): CallerFinder<W> {
  const { atSameLink, crowdOf = async (address) => address, clock, onVerdict = () => {} } = parts;
  const enter = boundWaiters();

  async function find(
    connection: Connection,
    signal: AbortSignal,
  ): Promise<readonly [FoundBy<By>, Caller<W>]> {
    const workload = await atSameLink(connection.address);
    if (workload) return ['link', { kind: 'workload', workload }];
    const leave = enter(await crowdOf(connection.address));
    if (!leave) return ['crowded', { kind: 'unclear', reason: 'too many connections wait for an answer' }];
    try {
      return [parts.by, await lookUntilCertain(parts, connection, signal)];
    } finally {
      leave();
    }
  }

  return {
    find: async (connection, signal) => {
      const [by, caller] = await find(connection, signal);
      onVerdict({ kind: caller.kind, by, waitedMs: clock.monotonicMs() - connection.acceptedAtMs });
      return caller;
    },
  };
}

async function lookUntilCertain<W, By extends string>(
  { look, onChange, lookAgain, silence, clock }: CallerFinderParts<W, By>,
  connection: Connection,
  signal: AbortSignal,
): Promise<Caller<W>> {
  const untilMs = connection.acceptedAtMs + PATIENCE_MS;
  let reason = silence;
  let againMs = lookAgain.firstMs;
  for (let leftMs = PATIENCE_MS; leftMs > 0 && !signal.aborted; leftMs = untilMs - clock.monotonicMs()) {
    const news = new AbortController();
    const deafen = onChange(() => news.abort());
    try {
      const sight = await inTime(clock, leftMs, signal, lookSafely(look, connection));
      if (sight && sight.kind !== 'again') return sight;
      if (sight) reason = sight.reason;
      const pauseMs = Math.max(0, Math.min(againMs, untilMs - clock.monotonicMs()));
      againMs = Math.min(2 * againMs, lookAgain.longestMs);
      await pause(clock, pauseMs, AbortSignal.any([news.signal, signal]));
    } finally {
      deafen();
    }
  }
  return { kind: 'unclear', reason: signal.aborted ? 'the connection was closed' : reason };
}

async function lookSafely<W>(
  look: (connection: Connection) => Promise<Sight<W>>,
  connection: Connection,
): Promise<Sight<W>> {
  try {
    return await look(connection);
  } catch (thrown) {
    const reason = redactSecrets(thrown instanceof Error ? thrown.message : String(thrown));
    return { kind: 'again', reason };
  }
}

/** Resolves to undefined if the time is over before. */
async function inTime<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  result: Promise<T>,
): Promise<T | undefined> {
  const done = new AbortController();
  const over = pause(clock, ms, AbortSignal.any([done.signal, signal])).then(() => undefined);
  try {
    return await Promise.race([result, over]);
  } finally {
    done.abort();
  }
}
