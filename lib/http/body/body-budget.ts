/**
 * Share of one request in a budget. It is opened before the body is read, and released when the answer is
 * delivered.
 */
export interface BodyShare {
  /**
   * Starts to count the body. `onEnded` is called once if it must make room; its caller then drops the
   * buffered bytes.
   */
  readonly begin: (onEnded: () => void) => void;
  /** Counts more buffered bytes. If that is too much, this body or another one is ended. */
  readonly hold: (bytes: number) => void;
  /**
   * Ends the arrival of the body: from now on it takes this much memory, and cannot be ended.
   * @returns false if the budget is too small for that: the caller must refuse the request
   */
  readonly arrived: (bytes: number) => boolean;
  /**
   * Counts the memory of the answer from now on, until the client has read it. Like a body that arrives, it
   * can be ended: otherwise clients that do not read would fill the budget. `onEnded` is called once if it
   * must make room.
   */
  readonly answered: (bytes: number, onEnded: () => void) => void;
  readonly release: () => void;
}

export interface BodyBudgetOptions {
  readonly limitBytes: number;
  readonly monotonicMs: () => number;
  /** Called for each body or answer that was ended or refused. */
  readonly onShed: () => void;
}

/** A body that has yet to arrive, or an answer that has yet to be read. */
interface Unfinished {
  bytes: number;
  readonly sinceMs: number;
  readonly onEnded: () => void;
}

/**
 * Limit for the memory that request bodies take at once, over all connections of a server. Only buffered
 * bytes count: a length that is only announced takes no memory, and must not take the place of others.
 *
 * Above the limit, the unfinished body with the largest product of bytes and age is ended. That may be the
 * newest one. An API server sends a review within milliseconds of its headers, so its product is near zero:
 * whoever holds unfinished bodies, many large or many small ones, loses first. If only age counted, a flood
 * of newcomers would end an honest body; if only size counted, a thousand small bodies would. A refused
 * review is not harmless: with `failurePolicy: Ignore` its pod starts without a role.
 *
 * An answer that its client does not read counts like an unfinished body: both wait for the client, who reads
 * within milliseconds if it is an API server.
 *
 * No body waits for room: unread bytes stay in buffers of the kernel, which count for the container too.
 */
export class BodyBudget {
  readonly #options: BodyBudgetOptions;
  readonly #unfinished = new Set<Unfinished>();
  #usedBytes = 0;

  constructor(options: BodyBudgetOptions) {
    this.#options = options;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  open(): BodyShare {
    let unfinished: Unfinished | undefined;
    let heldBytes = 0;
    const begin = (onEnded: () => void) => {
      unfinished = { bytes: 0, sinceMs: this.#options.monotonicMs(), onEnded };
      this.#unfinished.add(unfinished);
    };
    const hold = (bytes: number) => {
      if (!unfinished || !this.#unfinished.has(unfinished)) return;
      unfinished.bytes += bytes;
      this.#usedBytes += bytes;
      this.#makeRoom();
    };
    const letGo = () => {
      this.#usedBytes -= heldBytes;
      heldBytes = 0;
    };
    const release = () => {
      if (unfinished) this.#remove(unfinished);
      letGo();
    };
    return {
      begin,
      hold,
      arrived: (bytes) => {
        if (!unfinished || !this.#remove(unfinished)) return false;
        heldBytes = bytes;
        this.#usedBytes += bytes;
        this.#makeRoom();
        if (this.#usedBytes <= this.#options.limitBytes) return true;
        letGo();
        this.#options.onShed();
        return false;
      },
      answered: (bytes, onEnded) => {
        release();
        begin(onEnded);
        hold(bytes);
      },
      release,
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
  #worst(): Unfinished | undefined {
    const nowMs = this.#options.monotonicMs();
    let worst: Unfinished | undefined;
    let most = -1;
    for (const unfinished of this.#unfinished) {
      const product = unfinished.bytes * (1 + nowMs - unfinished.sinceMs);
      if (product <= most) continue;
      worst = unfinished;
      most = product;
    }
    return worst;
  }

  #remove(unfinished: Unfinished): boolean {
    if (!this.#unfinished.delete(unfinished)) return false;
    this.#usedBytes -= unfinished.bytes;
    return true;
  }
}
