/** Queue whose owners come in turn, however many elements each of them has. */
export interface FairQueue<Element> {
  readonly add: (owner: string, element: Element) => void;
  readonly remove: (owner: string, element: Element) => void;
  /** Removes and returns the next one. */
  readonly next: () => Element | undefined;
  readonly size: () => number;
}

/** The elements of an owner keep their order. An owner whose element was taken goes to the end. */
export function createFairQueue<Element>(): FairQueue<Element> {
  // A Map keeps the order of insertion.
  const owners = new Map<string, Set<Element>>();
  let size = 0;

  function remove(owner: string, element: Element): void {
    const own = owners.get(owner);
    if (!own?.delete(element)) return;
    size -= 1;
    if (own.size === 0) owners.delete(owner);
  }

  return {
    add: (owner, element) => {
      const own = owners.get(owner) ?? new Set();
      owners.set(owner, own.add(element));
      size += 1;
    },
    remove,
    next: () => {
      const [first] = owners;
      if (!first) return undefined;
      const [owner, own] = first;
      const [element] = own;
      if (element === undefined) return undefined;
      remove(owner, element);
      if (owners.delete(owner)) owners.set(owner, own);
      return element;
    },
    size: () => size,
  };
}
