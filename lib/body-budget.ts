/** What one request holds of a budget: opened before its body is read, released once it is answered. */
export interface BodyShare {
  /** Starts to count the body. `onEnded` is called once if it must make room; its caller then drops the buffered bytes. */
  readonly begin: (onEnded: () => void) => void;
  /** Counts more buffered bytes. If that is too much, this body or another one is ended. */
  readonly hold: (bytes: number) => void;
  /**
   * Ends the arrival of the body: from now on it takes this much memory, and can't be ended.
   * @returns false if there is no room for that: the caller must refuse the request
   */
  readonly arrived: (bytes: number) => boolean;
  readonly release: () => void;
}

export interface BodyBudgetOptions {
  readonly limitBytes: number;
  readonly monotonicMs: () => number;
  /** Called for each body that was ended or refused. */
  readonly onShed: () => void;
}

interface Arriving {
  bytes: number;
  readonly sinceMs: number;
  readonly onEnded: () => void;
}

/**
 * Limit for the memory that request bodies take at once, over all connections of a server. Only buffered bytes
 * count: a length that is only announced takes no memory, and must not take the place of others.
 *
 * Above the limit, the unfinished body with the largest product of bytes and age is ended. That may be the newest
 * one. An API server sends a review within milliseconds of its headers, so its product is near zero: whoever holds
 * unfinished bodies, many large or many small ones, loses first. If only age counted, a flood of newcomers would
 * end an honest body; if only size counted, a thousand small bodies would. A refused review is not harmless: with
 * `failurePolicy: Ignore` its pod starts without a role.
 *
 * No body waits for room: unread bytes stay in buffers of the kernel, which count for the container too.
 */
export class BodyBudget {
  readonly #options: BodyBudgetOptions;
  readonly #arriving = new Set<Arriving>();
  #usedBytes = 0;

  constructor(options: BodyBudgetOptions) {
    this.#options = options;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  open(): BodyShare {
    let arriving: Arriving | undefined;
    let heldBytes = 0;
    return {
      begin: (onEnded) => {
        arriving = { bytes: 0, sinceMs: this.#options.monotonicMs(), onEnded };
        this.#arriving.add(arriving);
      },
      hold: (bytes) => {
        if (!arriving || !this.#arriving.has(arriving)) return;
        arriving.bytes += bytes;
        this.#usedBytes += bytes;
        this.#makeRoom();
      },
      arrived: (bytes) => {
        if (!arriving || !this.#remove(arriving)) return false;
        heldBytes = bytes;
        this.#usedBytes += bytes;
        this.#makeRoom();
        if (this.#usedBytes <= this.#options.limitBytes) return true;
        this.#usedBytes -= heldBytes;
        heldBytes = 0;
        this.#options.onShed();
        return false;
      },
      release: () => {
        if (arriving) this.#remove(arriving);
        this.#usedBytes -= heldBytes;
        heldBytes = 0;
      },
    };
  }

  #makeRoom(): void {
    while (this.#usedBytes > this.#options.limitBytes) {
      const worst = this.#worst();
      if (!worst) return;
      this.#remove(worst);
      this.#options.onShed();
      worst.onEnded();
    }
  }

  /** Cheap even in a flood: there are at most as many bodies as connections, and each is ended only once. */
  #worst(): Arriving | undefined {
    const nowMs = this.#options.monotonicMs();
    let worst: Arriving | undefined;
    let most = -1;
    for (const arriving of this.#arriving) {
      const product = arriving.bytes * (1 + nowMs - arriving.sinceMs);
      if (product <= most) continue;
      worst = arriving;
      most = product;
    }
    return worst;
  }

  #remove(arriving: Arriving): boolean {
    if (!this.#arriving.delete(arriving)) return false;
    this.#usedBytes -= arriving.bytes;
    return true;
  }
}
