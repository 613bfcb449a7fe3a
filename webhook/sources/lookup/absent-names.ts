/** Names that the API server did not know a moment ago: the latest thousand, each for a second. */
export class AbsentNames {
  readonly #monotonicMs: () => number;
  /** Time of the answer, by namespace and name; the oldest first. */
  readonly #since = new Map<string, number>();

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  add(namespace: string, name: string): void {
    const key = `${namespace} ${name}`;
    this.#since.delete(key);
    this.#since.set(key, this.#monotonicMs());
    if (this.#since.size <= MAX_NAMES) return;
    const [oldest = ''] = this.#since.keys();
    this.#since.delete(oldest);
  }

  has(namespace: string, name: string): boolean {
    const since = this.#since.get(`${namespace} ${name}`);
    return since !== undefined && this.#monotonicMs() - since < REMEMBERED_MS;
  }
}

const MAX_NAMES = 1_000;
const REMEMBERED_MS = 1_000;
