/** What one request holds of a budget: opened before its body is read, released once it is answered. */
export interface BodyShare {
  /** The body begins to arrive; `onEnded` is called once where it has to make room, and what was buffered of it is to be dropped then. */
  readonly begin: (onEnded: () => void) => void;
  /** So many bytes more are buffered. Makes room if that is too much: this body, or another one, is ended. */
  readonly hold: (bytes: number) => void;
  /**
   * The body has arrived, and costs this much memory from now on. It can't be ended any more.
   * @returns false where there is no room for that: the request is to be refused
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
 * Bytes of request bodies that a server holds at once, over all of its connections. Only what is really buffered counts: a length
 * that is merely announced takes no memory, and must not take the place of others.
 *
 * Above the limit the unfinished body with the largest product of bytes and age is ended, which may be the newcomer's. An API server
 * sends a review within milliseconds of its headers, so that its product is near zero: whoever holds unfinished bodies loses before
 * it does, by many large ones and by many small ones alike. By age alone a flood of newcomers would end an honest body, by size alone
 * a thousand small ones would. A refused review is not harmless: with `failurePolicy: Ignore` its pod starts without a role.
 * For the same reason no body waits for room: what is not read stays in buffers of the kernel, which count for the container too.
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

  /** At most as many as there are connections, and each is found once: no flood makes this more than a few microseconds a body. */
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
