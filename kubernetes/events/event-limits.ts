import { EVENT_WINDOW_MS } from './object-event.ts';

/** A bucket holds up to `burst` Events, and gets one more each `everyMs`. */
interface Rate {
  readonly burst: number;
  readonly everyMs: number;
}

/** A namespace has 360 Events in an hour after its first 20, so it cannot fill the API server's store. */
const NAMESPACE_RATE: Rate = { burst: 20, everyMs: 10_000 };
/** All namespaces together: at most 5 requests a second to the API server after the first 100. */
const TOTAL_RATE: Rate = { burst: 100, everyMs: 200 };
/** Most namespaces and most Events that are remembered; the oldest are forgotten first. */
const MAX_NAMESPACES = 1_000;
const MAX_REMEMBERED = 5_000;

interface Bucket {
  left: number;
  readonly filledMs: number;
}

/** Decision about an Event: `repeated`, it was sent before; `limited`, there are too many. */
export type EventDecision = 'send' | 'repeated' | 'limited';

/** Limits the Events that one process sends. Its memory is bounded, whatever tenants create. */
export class EventLimits {
  /** Time of each Event, in the order in which they were sent. */
  readonly #sent = new Map<string, number>();
  readonly #buckets = new Map<string, Bucket>();
  #total: Bucket;

  /** @param nowMs of a clock that never goes back */
  constructor(nowMs: number) {
    this.#total = { left: TOTAL_RATE.burst, filledMs: nowMs };
  }

  decide(name: string, namespace: string, nowMs: number): EventDecision {
    const sentMs = this.#sent.get(name);
    if (sentMs !== undefined && nowMs - sentMs < EVENT_WINDOW_MS) return 'repeated';
    const own = refill(this.#buckets.get(namespace), NAMESPACE_RATE, nowMs);
    this.#total = refill(this.#total, TOTAL_RATE, nowMs);
    if (own.left < 1 || this.#total.left < 1) return 'limited';
    own.left -= 1;
    this.#total.left -= 1;
    remember(this.#buckets, namespace, own, MAX_NAMESPACES);
    remember(this.#sent, name, nowMs, MAX_REMEMBERED);
    return 'send';
  }
}

function refill(bucket: Bucket | undefined, { burst, everyMs }: Rate, nowMs: number): Bucket {
  if (!bucket) return { left: burst, filledMs: nowMs };
  const gained = Math.floor((nowMs - bucket.filledMs) / everyMs);
  if (gained <= 0) return bucket;
  return { left: Math.min(burst, bucket.left + gained), filledMs: bucket.filledMs + gained * everyMs };
}

/** Sets an entry as the newest one, and forgets the oldest if there are too many. */
function remember<T>(map: Map<string, T>, key: string, value: T, max: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}
