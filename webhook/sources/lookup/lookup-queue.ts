import type { Clock } from '../../../lib/clock.ts';

export interface LookupQueueOptions {
  /** Most look-ups that run at once. */
  readonly atOnce: number;
  /** Most look-ups that wait. */
  readonly maxWaiting: number;
  /** Longest wait of one look-up. */
  readonly waitMs: number;
  readonly after: Clock['after'];
}

/** Thrown for a look-up that was not made, because there were too many. */
export class LookupRefusedError extends Error {
  override readonly name = 'LookupRefusedError';
}

interface Waiting {
  readonly begin: () => void;
  readonly refuse: () => void;
}

/**
 * Limits look-ups: some run at once, others wait in a queue. Namespaces take turns, so a flood from one
 * namespace delays another by one turn only. When the queue is full, the namespace with the most waiting
 * look-ups loses its last one.
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

  /** True if another look-up would have to wait. */
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

  /**
   * Refuses one look-up of the namespace with the most; the newcomer's if there are several such namespaces.
   */
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

  /** Gives the place of an ended look-up to the namespace whose turn it is. */
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
