import type { Clock } from '../../lib/clock.ts';

export interface LookupQueueOptions {
  /** Most look-ups under way. */
  readonly atOnce: number;
  /** Most that wait for one of these to end. */
  readonly maxWaiting: number;
  /** Longest that one waits. */
  readonly waitMs: number;
  readonly after: Clock['after'];
}

/** A look-up that was not made, since there were too many. */
export class LookupRefusedError extends Error {
  override readonly name = 'LookupRefusedError';
}

interface Waiting {
  readonly begin: () => void;
  readonly refuse: () => void;
}

/**
 * Bounds look-ups: so many at once, and a queue behind. Namespaces take turns, so that the flood of one delays another by one turn. When
 * the queue is full, the namespace that fills most of it loses its last look-up.
 */
export class LookupQueue {
  readonly #options: LookupQueueOptions;
  /** By namespace, in the order of their turns; none is empty. */
  readonly #waiting = new Map<string, Waiting[]>();
  #count = 0;
  #running = 0;

  constructor(options: LookupQueueOptions) {
    this.#options = options;
  }

  /** A further look-up would have to wait. */
  get isBusy(): boolean {
    return this.#running >= this.#options.atOnce;
  }

  /** @throws LookupRefusedError */
  async run<T>(namespace: string, lookUp: () => Promise<T>): Promise<T> {
    if (this.isBusy) await this.#turn(namespace);
    else this.#running += 1;
    try {
      return await lookUp();
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  #turn(namespace: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = () => {
        cancel();
        reject(new LookupRefusedError('too many look-ups at once'));
      };
      const waiting: Waiting = {
        begin: () => {
          cancel();
          resolve();
        },
        refuse,
      };
      const cancel = this.#options.after(this.#options.waitMs, () => {
        this.#remove(namespace, waiting);
        refuse();
      });
      this.#add(namespace, waiting);
      if (this.#count > this.#options.maxWaiting) this.#refuseOne(namespace);
    });
  }

  #add(namespace: string, waiting: Waiting): void {
    const others = this.#waiting.get(namespace);
    if (others) others.push(waiting);
    else this.#waiting.set(namespace, [waiting]);
    this.#count += 1;
  }

  /** Of several that are as long, the newcomer's is the one that loses. */
  #refuseOne(newcomer: string): void {
    let longest = newcomer;
    let most = this.#waiting.get(newcomer)?.length ?? 0;
    for (const [namespace, { length }] of this.#waiting) {
      if (length <= most) continue;
      longest = namespace;
      most = length;
    }
    const last = this.#waiting.get(longest)?.at(-1);
    if (!last) return;
    this.#remove(longest, last);
    last.refuse();
  }

  /** The place of the look-up that has ended goes to the namespace whose turn it is. */
  #next(): void {
    for (const [namespace, waiting] of this.#waiting) {
      const [first] = waiting;
      if (!first) continue;
      this.#remove(namespace, first);
      if (waiting.length > 0) {
        this.#waiting.delete(namespace);
        this.#waiting.set(namespace, waiting);
      }
      this.#running += 1;
      first.begin();
      return;
    }
  }

  #remove(namespace: string, waiting: Waiting): void {
    const all = this.#waiting.get(namespace) ?? [];
    const at = all.indexOf(waiting);
    if (at < 0) return;
    all.splice(at, 1);
    this.#count -= 1;
    if (all.length === 0) this.#waiting.delete(namespace);
  }
}
