/** Part of an object of the API server that is kept. */
export interface Kept {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion?: string;
}

/**
 * Limit for the memory of the kept objects. An object that does not fit is left out, and must be looked up
 * when it is needed.
 */
export interface Capacity<T> {
  /** Returns roughly the bytes that an object takes. */
  readonly weigh: (kept: T) => number;
  readonly maxBytes: number;
  /** Called each time an object is left out. */
  readonly onLeftOut?: () => void;
}

/** Share that the objects of one namespace may take, so that a tenant who fills it slows down nobody else. */
const NAMESPACE_SHARE = 1 / 4;

interface Namespace<T> {
  readonly named: Map<string, T>;
  bytes: number;
}

/**
 * Objects by namespace and name. Two levels: a combined key for each of 100,000 objects would double their
 * memory.
 */
export class ByName<T extends Kept> {
  readonly #capacity: Capacity<T> | undefined;
  #namespaces = new Map<string, Namespace<T>>();
  #size = 0;
  #bytes = 0;
  #leftOut = 0;

  constructor(capacity?: Capacity<T>) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  /** Number of times that an object did not fit. If it is not 0, an object that is missing here may exist. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** True if there is any object of this namespace. */
  hasNamespace(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  get(namespace: string, name: string): T | undefined {
    return this.#namespaces.get(namespace)?.named.get(name);
  }

  /** Keeps an object. If it does not fit, its previous version is removed too: that is out of date. */
  set(kept: T): void {
    const held = this.#namespaces.get(kept.namespace);
    const before = held?.named.get(kept.name);
    const more = this.#weigh(kept) - (before ? this.#weigh(before) : 0);
    if (!this.#hasCapacityFor(more, held?.bytes ?? 0)) {
      this.#leftOut += 1;
      this.#capacity?.onLeftOut?.();
      this.delete(kept);
      return;
    }
    const namespace = held ?? { named: new Map(), bytes: 0 };
    if (!held) this.#namespaces.set(kept.namespace, namespace);
    if (!before) this.#size += 1;
    namespace.named.set(kept.name, kept);
    namespace.bytes += more;
    this.#bytes += more;
  }

  delete({ namespace, name }: Pick<T, 'namespace' | 'name'>): void {
    const held = this.#namespaces.get(namespace);
    const before = held?.named.get(name);
    if (!held || !before) return;
    held.named.delete(name);
    this.#size -= 1;
    held.bytes -= this.#weigh(before);
    this.#bytes -= this.#weigh(before);
    if (held.named.size === 0) this.#namespaces.delete(namespace);
  }

  *values(): Iterable<T> {
    for (const { named } of this.#namespaces.values()) yield* named.values();
  }

  #weigh(kept: T): number {
    return this.#capacity?.weigh(kept) ?? 0;
  }

  #hasCapacityFor(bytes: number, ofNamespace: number): boolean {
    if (!this.#capacity || bytes <= 0) return true;
    const { maxBytes } = this.#capacity;
    return this.#bytes + bytes <= maxBytes && ofNamespace + bytes <= maxBytes * NAMESPACE_SHARE;
  }
}
