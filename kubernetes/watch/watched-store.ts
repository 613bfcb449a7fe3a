import { ByName, type Capacity, type Kept } from './by-name.ts';
import { isLater } from './resource-version.ts';

/**
 * Objects as a watch knows them, by namespace and name. Also takes answers of live look-ups, which may be
 * older or newer than what the watch has brought so far.
 */
export class WatchedStore<T extends Kept> {
  readonly #capacity: Capacity<T> | undefined;
  #objects: ByName<T>;
  /** Everything up to this version has been applied. */
  #watchedUpTo = '';
  /** Live answers since the current list began, which may be newer than it; undefined between lists. */
  #liveSinceListBegan: ByName<T> | undefined;
  #waiting = new Map<string, Set<(found: T) => void>>();

  /** @param capacity default: no limit */
  constructor(capacity?: Capacity<T>) {
    this.#capacity = capacity;
    this.#objects = this.empty();
  }

  /** Creates an empty collection for a list whose result will come by `replace`. */
  empty(): ByName<T> {
    return new ByName<T>(this.#capacity);
  }

  /** True if the watch knows any object of this namespace. */
  hasNamespace(namespace: string): boolean {
    return this.#objects.hasNamespace(namespace);
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(namespace, name);
  }

  values(): Iterable<T> {
    return this.#objects.values();
  }

  get size(): number {
    return this.#objects.size;
  }

  /** Number of times that an object did not fit since the last list. */
  get leftOut(): number {
    return this.#objects.leftOut;
  }

  /** Reports that a list begins whose result will come by `replace`. */
  listBegins(): void {
    this.#liveSinceListBegan = this.empty();
  }

  /** Replaces everything by a complete list as of a version; only newer live answers stay. */
  replace(all: ByName<T>, resourceVersion: string): void {
    this.#objects = all;
    this.#watchedUpTo = resourceVersion;
    const live = this.#liveSinceListBegan;
    this.#liveSinceListBegan = undefined;
    for (const kept of live?.values() ?? []) this.offer(kept);
    for (const [key, waiting] of this.#waiting) {
      const [namespace = '', name = ''] = key.split(' ');
      const found = all.get(namespace, name);
      if (found) for (const settle of waiting) settle(found);
    }
  }

  /** Takes an object that the watch reports as added or changed. */
  put(kept: T): void {
    const version = kept.resourceVersion;
    const known = this.get(kept.namespace, kept.name)?.resourceVersion;
    if (known === undefined || version === undefined || !isLater(known, version)) this.#set(kept);
    this.advance(version);
  }

  /**
   * Removes an object that the watch reports as deleted, unless a live answer showed that it was created
   * again since.
   */
  remove(kept: T): void {
    const version = kept.resourceVersion;
    const known = this.get(kept.namespace, kept.name)?.resourceVersion;
    if (known === undefined || version === undefined || !isLater(known, version)) {
      this.#objects.delete(kept);
    }
    this.advance(version);
  }

  /** Reports that the watch has brought everything up to this version. */
  advance(resourceVersion: string | undefined): void {
    if (resourceVersion !== undefined) this.#watchedUpTo = resourceVersion;
  }

  /**
   * Takes a live answer, and keeps it if it is newer than what the watch knows. If the watch does not know
   * the object and has passed the version of the answer, the object was deleted after the answer, unless it
   * was left out because it did not fit. If versions cannot be compared, the answer counts but is not kept.
   * @returns the newest state of the object that both know
   */
  offer(live: T): T | undefined {
    const version = live.resourceVersion ?? '';
    const known = this.get(live.namespace, live.name);
    const reference = known ? (known.resourceVersion ?? '') : this.#watchedUpTo;
    if (isLater(version, reference)) {
      this.#set(live);
      this.#liveSinceListBegan?.set(live);
      return live;
    }
    if (!known && this.leftOut > 0) return live;
    return version === reference || isLater(reference, version) ? known : live;
  }

  /** Resolves to the object as soon as it is known; to undefined after waitMs. */
  waitFor(namespace: string, name: string, waitMs: number): Promise<T | undefined> {
    const known = this.get(namespace, name);
    if (known || waitMs <= 0) return Promise.resolve(known);
    const key = `${namespace} ${name}`;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key) ?? new Set();
      this.#waiting.set(key, waiting);
      const settle = (found: T | undefined) => {
        clearTimeout(timer);
        waiting.delete(settle);
        if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
        resolve(found);
      };
      const timer = setTimeout(() => settle(undefined), waitMs);
      waiting.add(settle);
    });
  }

  #set(kept: T): void {
    this.#objects.set(kept);
    if (this.#waiting.size === 0) return;
    for (const settle of this.#waiting.get(`${kept.namespace} ${kept.name}`) ?? []) settle(kept);
  }
}
