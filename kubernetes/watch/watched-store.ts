import { ByName, type Kept, type Room } from './by-name.ts';
import { isLater } from './resource-version.ts';

/**
 * Objects as a watch knows them, by namespace and name. Takes answers of live look-ups too, which may be older or newer than what
 * the watch has brought so far.
 */
export class WatchedStore<T extends Kept> {
  readonly #room: Room<T> | undefined;
  #objects: ByName<T>;
  /** Everything up to this version has been applied. */
  #watchedUpTo = '';
  /** Live answers since the list now under way began, which may be newer than it; undefined where none is under way. */
  #liveSinceListBegan: ByName<T> | undefined;
  #waiting = new Map<string, Set<(found: T) => void>>();

  /** @param room default: as much as there is */
  constructor(room?: Room<T>) {
    this.#room = room;
    this.#objects = this.empty();
  }

  /** For a list whose result will come by `replace`. */
  empty(): ByName<T> {
    return new ByName<T>(this.#room);
  }

  /** Whether the watch knows any object of this namespace. */
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

  /** How often an object found no room since the last list. */
  get leftOut(): number {
    return this.#objects.leftOut;
  }

  /** A list begins whose result will come by `replace`. */
  listBegins(): void {
    this.#liveSinceListBegan = this.empty();
  }

  /** Swaps everything for a complete list as of a version; only live answers that are newer stay. */
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

  /** An object that the watch reports as added or changed. */
  put(kept: T): void {
    const version = kept.resourceVersion;
    const known = this.get(kept.namespace, kept.name)?.resourceVersion;
    if (known === undefined || version === undefined || !isLater(known, version)) this.#set(kept);
    this.advance(version);
  }

  /** An object that the watch reports as deleted. One that was made anew since, as a live answer has shown, stays. */
  remove(kept: T): void {
    const version = kept.resourceVersion;
    const known = this.get(kept.namespace, kept.name)?.resourceVersion;
    if (known === undefined || version === undefined || !isLater(known, version)) {
      this.#objects.delete(kept);
    }
    this.advance(version);
  }

  /** The watch has brought everything up to this version. */
  advance(resourceVersion: string | undefined): void {
    if (resourceVersion !== undefined) this.#watchedUpTo = resourceVersion;
  }

  /**
   * A live answer: kept where it is newer than what the watch knows. One of an object that the watch does not know, at a version that
   * the watch has passed, is older than the object's deletion, unless the object may have been left out for lack of room. Where versions
   * can't be compared, the answer counts but is not kept.
   * @returns what is true as far as both know
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

  /** The object as soon as it is known; undefined once waitMs are over. */
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
