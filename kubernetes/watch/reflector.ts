import { type Backoff, backoffMs } from '../../lib/backoff.ts';
import { type Clock, pause } from '../../lib/clock.ts';
import { faultCodeOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/surroundings.ts';
import type { ApiAnswer, ApiClient } from '../api-client.ts';
import type { Parts } from '../read/json-parts.ts';
import type { Kept } from './by-name.ts';
import { type CompleteList, listByPages, listByStream, pathWith } from './list.ts';
import { refusalOf } from './refusal.ts';
import { parseWatchEvent, type WatchEvent } from './watch-event.ts';
import type { WatchedStore } from './watched-store.ts';

export interface WatchedResource {
  /** `serviceaccounts` */
  readonly name: string;
  /** `/api/v1/serviceaccounts` */
  readonly path: string;
  readonly fieldSelector?: string;
  /** Parts of an object that `keep` reads besides its name, version and annotations. */
  readonly parts?: Parts;
}

export interface WatchTiming {
  /** Time for which the API server is asked to keep a watch request open. */
  readonly requestSeconds: number;
  /** After this much silence a watch is taken for dead. */
  readonly silenceMs: number;
  /** After this much silence, assume that the API server does not support streaming lists. */
  readonly listSilenceMs: number;
  /** Time between the beginnings of two attempts. */
  readonly backoff: Backoff;
}

export interface ReflectorOptions<T extends Kept> {
  readonly client: ApiClient;
  readonly resource: WatchedResource;
  readonly store: WatchedStore<T>;
  /** Returns what is kept of an object; undefined if it is another kind of object. */
  readonly keep: (object: unknown) => T | undefined;
  readonly timing: WatchTiming;
  readonly logger: Logger;
  /** For the jitter of the backoff. */
  readonly random: Random;
  readonly clock: Clock;
  /** Called when a watch request begins. */
  readonly onWatch: () => void;
  /** Called when a list of the whole state begins. */
  readonly onList: () => void;
  /** Called when the store may have changed. */
  readonly onChange?: () => void;
}

/**
 * Keeps a store equal to a resource of the API server. Lists it, by a stream if the API server can, else in
 * pages, and watches from there. Resumes when a watch ends, breaks or falls silent, and lists again when its
 * version is gone. Never ends by itself.
 */
export class Reflector<T extends Kept> {
  readonly #options: ReflectorOptions<T>;
  readonly #stopping = new AbortController();
  #resourceVersion: string | undefined;
  #listsByStream = true;
  #synced = false;
  #saidLeftOut = false;
  #lastNewsMs: number | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  /** True once the store has held the whole state. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Milliseconds since the last list, event or bookmark; undefined before the first. */
  get newsAgeMs(): number | undefined {
    return this.#lastNewsMs === undefined ? undefined : this.#options.clock.monotonicMs() - this.#lastNewsMs;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, timing, random } = this.#options;
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; ) {
      const startedMs = clock.monotonicMs();
      let failed = false;
      try {
        await this.#attempt();
      } catch (thrown) {
        if (signal.aborted) return;
        failed = true;
        this.#report(thrown);
      }
      const lastedMs = clock.monotonicMs() - startedMs;
      const broughtNews = this.#lastNewsMs !== undefined && this.#lastNewsMs >= startedMs;
      if (broughtNews) failures = 0;
      else if (failed || lastedMs < timing.backoff.firstMs) failures += 1;
      // After a useful attempt start the next one at once, but never start two attempts within the first
      // delay.
      const delayMs = backoffMs(timing.backoff, failures, random()) - (failures === 0 ? lastedMs : 0);
      if (delayMs > 0) await pause(clock, delayMs, signal);
    }
  }

  async #attempt(): Promise<void> {
    const { store, logger, resource, onList, onWatch } = this.#options;
    if (this.#resourceVersion === undefined) {
      onList();
      store.listBegins();
      const { all, resourceVersion } = await this.#list();
      store.replace(all, resourceVersion);
      this.#synced = true;
      this.#newsUpTo(resourceVersion);
      logger.info({ resource: resource.name, objects: store.size, resourceVersion }, 'listed');
    }
    onWatch();
    await this.#watch();
  }

  async #list(): Promise<CompleteList<T>> {
    const { client, resource, store, keep, timing, logger } = this.#options;
    const request = {
      client,
      path: resource.path,
      parameters: this.#selection(),
      parts: resource.parts ?? {},
      keep: (object: unknown) => known(store, keep(object)),
      empty: () => store.empty(),
      refuse: (answer: ApiAnswer) => refusalOf(answer, resource),
      signal: this.#stopping.signal,
    };
    if (!this.#listsByStream) return listByPages(request);
    try {
      return await listByStream(request, timing.listSilenceMs);
    } catch (thrown) {
      const code = faultCodeOf(thrown);
      if (code !== 'LIST_INVALID' && code !== 'API_SILENT') throw thrown;
      this.#listsByStream = false;
      logger.info({ resource: resource.name, err: thrown }, 'streaming list not available; listing in pages');
      return listByPages(request);
    }
  }

  async #watch(): Promise<void> {
    const { client, resource, timing } = this.#options;
    const { parts = {} } = resource;
    const path = pathWith(resource.path, {
      ...this.#selection(),
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#resourceVersion ?? '',
      timeoutSeconds: String(timing.requestSeconds),
    });
    const limits = { silenceMs: timing.silenceMs, signal: this.#stopping.signal };
    const answer = await client.stream(path, limits, (line) => {
      const event = parseWatchEvent(line, parts);
      if (event.type === 'ERROR') throw refusalOf({ status: event.status, body: event }, resource);
      this.#apply(event);
      return undefined;
    });
    if (answer) throw refusalOf(answer, resource);
  }

  #apply(event: Exclude<WatchEvent, { type: 'ERROR' }>): void {
    const { store, keep } = this.#options;
    if (event.type === 'BOOKMARK') store.advance(event.resourceVersion);
    else {
      const kept = keep(event.object);
      if (kept && event.type === 'DELETED') store.remove(kept);
      else if (kept) store.put(kept);
    }
    this.#newsUpTo(event.resourceVersion);
  }

  #newsUpTo(resourceVersion: string): void {
    const { store, logger, resource } = this.#options;
    if (store.leftOut > 0 && !this.#saidLeftOut) {
      this.#saidLeftOut = true;
      logger.warn(
        { resource: resource.name, kept: store.size, leftOut: store.leftOut },
        'more objects than fit into memory: those left out are looked up when needed; raise the memory limit to 1Gi or more',
      );
    }
    this.#resourceVersion = resourceVersion;
    this.#lastNewsMs = this.#options.clock.monotonicMs();
    this.#options.onChange?.();
  }

  #selection(): Readonly<Record<string, string>> {
    const { fieldSelector } = this.#options.resource;
    return fieldSelector === undefined ? {} : { fieldSelector };
  }

  #report(thrown: unknown): void {
    const { logger, resource } = this.#options;
    const code = faultCodeOf(thrown);
    if (code === 'VERSION_GONE') this.#resourceVersion = undefined;
    const level = code === 'FORBIDDEN' ? 'error' : 'warn';
    logger[level]({ resource: resource.name, err: thrown }, 'watch interrupted');
  }
}

/**
 * Returns the held object if it is the same: during a list, two copies of each would take twice the memory.
 */
function known<T extends Kept>(store: WatchedStore<T>, kept: T | undefined): T | undefined {
  const held = kept && store.get(kept.namespace, kept.name);
  return held?.resourceVersion !== undefined && held.resourceVersion === kept?.resourceVersion ? held : kept;
}
