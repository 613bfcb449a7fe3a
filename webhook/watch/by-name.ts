/** What is kept of an object of the API server. */
export interface Kept {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion?: string;
}

/** Objects by namespace and name; two levels, since a key made of both for each of 100,000 objects would double what they take. */
export class ByName<T extends Kept> {
  #namespaces = new Map<string, Map<string, T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Whether there is any object of this namespace. */
  hasNamespace(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  get(namespace: string, name: string): T | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  set(kept: T): void {
    let named = this.#namespaces.get(kept.namespace);
    if (!named) {
      named = new Map();
      this.#namespaces.set(kept.namespace, named);
    }
    if (!named.has(kept.name)) this.#size += 1;
    named.set(kept.name, kept);
  }

  delete({ namespace, name }: Pick<T, 'namespace' | 'name'>): void {
    const named = this.#namespaces.get(namespace);
    if (!named?.delete(name)) return;
    this.#size -= 1;
    if (named.size === 0) this.#namespaces.delete(namespace);
  }

  *values(): Iterable<T> {
    for (const named of this.#namespaces.values()) yield* named.values();
  }
}
